"""A carrier that signs what it reports."""

import json
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx

from core.security.webhook_signatures import read_secret, sign
from tests.resolvers.orders.handling import SoldOrder


@dataclass
class Carrier:
    """Reports on the first part of a sale to a server."""

    http: httpx.AsyncClient
    secret: str
    name: str = "haat-post"

    def event(self, sale: SoldOrder, state: str, seconds: int = 0, **values: Any) -> dict[str, Any]:
        """Return a report of so many seconds after the order."""
        at = sale.placed.order.created_at + timedelta(seconds=seconds)
        return {"trackingNumber": "HP-1", "state": state, "at": at.isoformat(), **values}

    async def post(
        self, event: Any, *, age: int = 0, headers: dict[str, bytes] | None = None
    ) -> httpx.Response:
        """Sign and send a report, or raw bytes."""
        body = event if isinstance(event, bytes) else json.dumps(event).encode()
        timestamp = int(time.time()) - age
        signed = {
            b"webhook-id": b"msg_1",
            b"webhook-timestamp": str(timestamp).encode(),
            b"webhook-signature": sign(read_secret(self.secret), "msg_1", timestamp, body).encode(),
        }
        for name, value in (headers or {}).items():
            signed[f"webhook-{name}".encode()] = value
        path = f"/webhooks/carriers/{self.name}"
        return await self.http.post(path, content=body, headers=signed)
