"""Offers ranked for one user: by distance, the user's history, popularity and age."""
