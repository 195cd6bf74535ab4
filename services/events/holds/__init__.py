"""Holds of tickets."""
