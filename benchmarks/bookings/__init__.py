"""The benchmark of slots, holds and rushes: `python -m benchmarks.bookings`."""
