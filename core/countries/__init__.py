"""Countries, and what differs between them: addresses, numbers, and holidays."""
