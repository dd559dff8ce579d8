"""Conformance classes with which authors of plugwork plugins prove their components."""
