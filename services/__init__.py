"""The business operations: plain functions that take a session and never commit."""
