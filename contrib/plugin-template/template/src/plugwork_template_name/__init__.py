"""A file manager for plugwork."""
