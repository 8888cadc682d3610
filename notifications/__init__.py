"""What the account says unasked."""
