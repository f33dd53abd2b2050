"""The data that training reads: features, batches, pieces and durations."""
