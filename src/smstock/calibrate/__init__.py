"""Learning: methods cross-validated and chosen, registers tested, the whole kept as one record."""
