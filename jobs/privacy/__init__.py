"""Jobs of exports and erasures of accounts."""
