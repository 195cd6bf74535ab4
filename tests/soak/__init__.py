"""Many people chat while everything under them is taken away and comes back."""
