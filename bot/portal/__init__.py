"""The ledger as pages and JSON in a folder, for a portal (Jinzhong （七）: 门户网站公布)."""
