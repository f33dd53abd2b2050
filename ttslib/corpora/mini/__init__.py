"""The mini corpus: speech generated on your machine, so that everything works offline."""
