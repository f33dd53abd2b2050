"""How good synthetic speech is, in numbers."""
