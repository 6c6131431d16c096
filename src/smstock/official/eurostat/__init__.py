"""Eurostat: its data sets, codes and labels, and the four syntaxes of its files."""
