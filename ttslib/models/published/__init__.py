"""Published weights, read into the course's own models."""
