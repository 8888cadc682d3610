"""Labelled questions, written apart from the tables that answer them."""
