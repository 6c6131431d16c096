"""Compositions: which share of a corridor's persons is of each group of sex, age and education."""
