"""Figures, measured beside pgbench in one run. No test asserts them."""
