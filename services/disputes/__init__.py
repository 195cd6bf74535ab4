"""Disputes of payments: applied, answered, and decided by the buyers' banks."""
