"""WaveNet: the model, its output distributions, and three ways to generate with it."""
