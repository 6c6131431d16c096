"""One wave from evidence to the finished estimate table, with sums, draws and explanations."""
