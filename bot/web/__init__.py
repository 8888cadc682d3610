"""Pages that open from the chat by one-time signed address."""
