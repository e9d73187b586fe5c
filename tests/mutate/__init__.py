"""Descriptions with one thing changed, and whether `symbridge check` notices."""
