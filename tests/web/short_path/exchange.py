"""Sends a request, and collects all that can be observed of it."""

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from unittest.mock import AsyncMock

import httpx
import pytest
from prometheus_client import REGISTRY

from core.limits.buckets import Buckets, Charge
from core.limits.local_allowances import LocalAllowances
from core.limits.rate_limits import RateLimits
from core.observability.request_log import RequestLog
from web.graphql.short_path.layer import ShortPath

RANDOM = re.compile(
    rb'"requestId":"[0-9a-f]{32}"|nonce[-="]+[\w-]{22}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}'
)
TIMED = ("_seconds_sum", "_seconds_bucket", "_created", "haat_graphql_requests")
AT = datetime(2030, 1, 1, tzinfo=UTC)


@dataclass
class Exchange:
    """A response, its bytes, and what was charged, counted and logged."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes
    charged: list[tuple[tuple[str, ...], int]]
    counted: dict[str, float]
    events: list[dict[str, Any]]


class Observer:
    """Records charges, which are allowed unless the caller is `poor`, and log events."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self.poor = False
        self.charged: list[tuple[tuple[str, ...], int]] = []
        self.events: list[dict[str, Any]] = []
        monkeypatch.setattr(RateLimits, "charge", self._charge)
        # Of a caller that has an allowance, nothing would be seen until it is settled.
        monkeypatch.setattr(LocalAllowances, "spend", lambda *_: None)
        monkeypatch.setattr(LocalAllowances, "settle", AsyncMock())  # what earlier tests spent
        monkeypatch.setattr(RequestLog, "write", self._write)

    async def send(self, http: httpx.AsyncClient, **request: Any) -> Exchange:
        self.charged, self.events = [], []
        before = counters()
        if isinstance(request.get("content"), tuple):
            request["content"] = _in_parts(*request["content"])
        async with http.stream(**{"url": "/graphql"} | request) as response:
            body = b"".join([part async for part in response.aiter_raw()])
        after = counters()
        counted = {name: value - before.get(name, 0) for name, value in after.items()}
        return Exchange(
            response.status_code,
            [(name, _masked(name, value)) for name, value in response.headers.raw],
            RANDOM.sub(b"", body),
            self.charged,
            {name: value for name, value in counted.items() if value},
            self.events,
        )

    @contextmanager
    def full_stack(self) -> Iterator[None]:
        """Let all requests of the block pass through the full stack."""

        async def hand_over(layer: ShortPath, scope: Any, receive: Any, send: Any) -> None:
            await layer.app(scope, receive, send)

        with self._monkeypatch.context() as patched:
            patched.setattr(ShortPath, "__call__", hand_over)
            yield

    async def _charge(self, charged: Buckets, cost: int, *_: Any) -> Charge:
        self.charged.append((tuple(charged), cost))
        return Charge(False, 0, AT, 7) if self.poor else Charge(True, 1_000 - cost, AT)

    def _write(self, event: str, logger: str, **fields: Any) -> None:
        fields.pop("ms")
        self.events.append({"event": event, "logger": logger} | fields)


def taken() -> float:
    """Return how many requests have taken the short path."""
    return REGISTRY.get_sample_value("haat_graphql_requests_total", {"path": "short"}) or 0


def _masked(name: bytes, value: bytes) -> bytes:
    return b"" if name == b"x-request-id" else RANDOM.sub(b"", value)


def counters() -> dict[str, float]:
    return {
        f"{sample.name}{sorted(sample.labels.items())}": sample.value
        for metric in REGISTRY.collect()
        if metric.name.startswith("haat")
        for sample in metric.samples
        if not any(part in sample.name for part in TIMED)
    }


async def _in_parts(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part
