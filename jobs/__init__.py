"""Durable background work: thin tasks that open a transaction and call a service."""
