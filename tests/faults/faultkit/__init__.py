"""Faults for real: homes whose commands are killed, and what must hold afterwards."""
