"""Listening tests: design, files, ratings, results."""
