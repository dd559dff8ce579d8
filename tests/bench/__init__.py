"""Measure plugwork next to Dagster on the same work; run by ``nox -s bench``."""
