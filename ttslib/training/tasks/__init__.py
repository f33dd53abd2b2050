"""One file per task: its settings and presets, its step, its validation, its training."""
