"""The double-entry ledger: accounts, entries, snapshots of balances, and adjustments."""
