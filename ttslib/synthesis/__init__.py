"""Text in, speech out: the synthesizer and the trained voices."""
