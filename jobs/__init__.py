"""Durable jobs: thin tasks that call services, idempotent because a job can run twice."""
