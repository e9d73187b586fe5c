"""Descriptions inside of libraries.

note: the two notes that carry one. source: C source that carries them. elf: their way into a
library that is already built.
"""
