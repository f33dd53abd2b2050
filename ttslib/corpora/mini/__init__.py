"""The mini corpus: speech generated on the spot, so that everything works offline."""
