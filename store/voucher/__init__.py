"""Innovation vouchers (科技创新券): programmes as data, a ledger that loses no fen, their moves."""
