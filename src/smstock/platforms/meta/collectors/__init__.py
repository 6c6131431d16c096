"""What other collectors of Meta's counts left behind: their files of answers and their queries, in smstock's words."""
