"""Text to token IDs: what is written, what is said, and the symbols a model reads."""
