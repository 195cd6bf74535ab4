"""Check-in: lists with gates, scanners and scans, and their inputs."""
