"""Shipments: parcels of sub-orders, their tracking, and their papers."""
