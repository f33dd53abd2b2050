"""Speech to learn from: LibriTTS, LJ Speech, your own recordings, the corpus made on the spot."""
