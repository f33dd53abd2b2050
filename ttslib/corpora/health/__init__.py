"""The health report of a corpus: each clip's measures, and its faults."""
