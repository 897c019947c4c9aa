"""Decoding on CUDA: one token is one replay of a graph."""
