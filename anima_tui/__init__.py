"""Anima: a terminal companion with a persistent inner life."""

__version__ = "0.1.0"
