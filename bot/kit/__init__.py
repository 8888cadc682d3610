"""The language that handlers are written in."""
