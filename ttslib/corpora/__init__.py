"""Speech to learn from: LibriTTS, anything laid out like it, and the corpus made on the spot."""
