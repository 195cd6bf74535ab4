"""Nouns: the types, inputs, enums and payloads of the public API."""
