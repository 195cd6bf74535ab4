"""Lists of offers among many, as PostgreSQL answers them."""
