"""The benchmark of slots and holds: `python -m benchmarks.bookings`."""
