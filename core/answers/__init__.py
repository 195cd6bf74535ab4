"""Answers that are kept as bytes."""
