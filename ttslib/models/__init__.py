"""The models of the course: one file, one paper."""
