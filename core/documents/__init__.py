"""Persisted and trusted GraphQL documents, as texts by hash."""
