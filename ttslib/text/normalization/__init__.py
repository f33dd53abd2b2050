"""The passes that turn written text into spoken words; `normalize.py` runs them in order."""
