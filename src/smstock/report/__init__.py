"""Estimates as people read them: tables for the terminal, charts, one page that opens without a network."""
