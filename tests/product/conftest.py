"""A worker in this process, beside the API."""

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
from tests.resolvers.conftest import _cheap_password_hashes

__all__ = [
    "_cheap_password_hashes",
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
