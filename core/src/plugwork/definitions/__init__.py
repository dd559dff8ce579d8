"""What users write: ops, graphs, jobs, resources, IO managers, executors."""
