"""Features, batches, losses, steps and the loop that trains a model."""
