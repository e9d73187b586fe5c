"""Verifying a description: against a library's symbols, headers, debug data and own facts."""
