"""Measures of how good synthetic speech is."""
