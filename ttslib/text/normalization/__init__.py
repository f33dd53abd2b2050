"""The passes that turn what is written into what is spoken, in their order."""
