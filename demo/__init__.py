"""Reproducible demo data: texts in `data/*.toml`, one seeder per domain."""
