"""LinkedIn: targeting criteria out in Rest.li 2.0, audience counts in."""
