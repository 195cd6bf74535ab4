"""A state machine over claims, redemptions, scans, gifts and their ends, against a small model."""
