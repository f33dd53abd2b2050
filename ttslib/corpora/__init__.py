"""Speech to learn from: LibriTTS, LJ Speech, your own recordings, and the corpus made on the spot."""
