"""Speech to train on: LibriTTS, LJ Speech, your own recordings, the generated mini corpus."""
