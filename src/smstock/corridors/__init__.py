"""What is known of each corridor, side by side: one table that every method reads."""
