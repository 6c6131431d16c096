"""How wrong the methods are, measured on corridors they have not seen."""
