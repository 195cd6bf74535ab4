"""Redis: one client, its timeouts, pub/sub, and ephemeral state."""
