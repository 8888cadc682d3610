"""A WeChat of our own, for trying and testing."""
