"""Policy as data, a file a region."""
