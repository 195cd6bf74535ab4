"""A soak test: many people chat while servers and databases fail and recover."""
