"""Fees (费用): statements, what is open, both sides' words."""
