"""The version of Haat. `pyproject.toml` reads it here."""

VERSION = "0.1.0"
