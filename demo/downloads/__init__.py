"""Digital products, and their license keys."""
