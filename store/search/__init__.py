"""Finding instruments."""
