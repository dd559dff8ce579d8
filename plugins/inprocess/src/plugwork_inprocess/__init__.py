"""Executors for plugwork that run the steps of a run in the process of the run."""
