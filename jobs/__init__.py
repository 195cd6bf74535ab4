"""Durable background jobs: thin tasks that open a transaction and call a service.

Each module with tasks has a blueprint named `tasks`, and `jobs.worker` finds it there. A task's
name is stored with its jobs, so it outlives the function's name. Tasks are idempotent, because a
job can run twice.
"""
