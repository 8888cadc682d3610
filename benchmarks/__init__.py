"""Measurements, each paired with a named baseline in the same run."""
