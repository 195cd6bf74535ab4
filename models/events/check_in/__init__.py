"""Check-in: lists, scanners, and scans with their outcome."""
