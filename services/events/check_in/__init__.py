"""Check-in: lists, gates and scanners, scans with and without a network, and the attendance."""
