"""Subjects of payments: orders, and purchases from the platform."""
