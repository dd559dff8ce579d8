"""Executor for plugwork that runs the steps of a run in the process of the run."""
