"""Objective measures of synthetic speech, one file each."""
