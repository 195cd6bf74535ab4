"""Runs of pgbench, on statements that are captured from the server."""
