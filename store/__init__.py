"""What the account knows: one file a concept."""
