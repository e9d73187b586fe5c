"""Descriptions that nobody has to type: read from headers, annotated, written as text."""
