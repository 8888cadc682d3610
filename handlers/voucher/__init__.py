"""Innovation vouchers in chat."""
