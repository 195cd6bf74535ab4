"""The reconciliation of the ledger with the books of payment providers."""
