"""Audiences made comparable with people: penetration rates and gender gaps."""
