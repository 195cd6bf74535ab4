"""Orders: what a user buys at once, one sub-order for each vendor, and their lines."""
