"""Contracts between units and users."""
