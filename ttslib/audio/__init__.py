"""Sound in files and in memory: reading and writing, mels, Griffin-Lim, mu-law."""
