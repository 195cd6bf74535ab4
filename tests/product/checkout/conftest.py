"""A server and a worker that ask the stand-in of payment providers."""

from tests.jobs.payments.conftest import (
    closed_circuits,
    paying_http,
    paying_settings,
    served_stand_in,
    server_url,
    shop,
    stand_in,
    worker_context,
)

__all__ = [
    "closed_circuits",
    "paying_http",
    "paying_settings",
    "served_stand_in",
    "server_url",
    "shop",
    "stand_in",
    "worker_context",
]
