"""Inference throughput of prumux against other engines, on the same models."""
