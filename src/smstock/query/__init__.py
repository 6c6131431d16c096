"""Queries: a TOML file becomes a specification, a specification becomes cells in asking order."""
