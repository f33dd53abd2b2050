"""Turn text into token IDs: normalization, pronunciation and the symbols that a model reads."""
