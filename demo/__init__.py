"""Reproducible demo data for development: texts in `data/*.toml`, one seeder module per domain."""
