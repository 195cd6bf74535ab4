"""What the business does: plain functions that take a session and never commit."""
