"""What the account answers: one file a topic."""
