"""A worker in this process, and cheap password hashes."""

from tests.jobs.conftest import (
    defer,
    mail,
    outbox,
    pubsub,
    push,
    queue,
    transactions,
    work,
    worker_context,
)

__all__ = [
    "defer",
    "mail",
    "outbox",
    "pubsub",
    "push",
    "queue",
    "transactions",
    "work",
    "worker_context",
]
