"""Schedules and sensors: what asks for runs, when a time comes or something happens."""
