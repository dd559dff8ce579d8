"""``plugwork automation``."""
