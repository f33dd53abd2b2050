"""The health report of a corpus: what each clip measures, and what is wrong with it."""
