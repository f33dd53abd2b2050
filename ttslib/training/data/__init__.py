"""Features, batches, pieces and durations: what training reads."""
