"""The main screen and the ones that open above it."""
