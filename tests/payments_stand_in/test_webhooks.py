"""Webhooks of the stand-in: signed, tried again, doubled, held and dropped."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import stripe
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.payment_providers import RunningStandIn
from tests.processes import free_port
from tests.threads import served

WAIT_SECONDS = 10


@dataclass
class Receiver:
    """A server that gets webhooks, and refuses the next ones if it is asked to."""

    url: str
    got: list[tuple[dict[str, Any], str, bytes]] = field(default_factory=list)
    refuse: int = 0
    changed: threading.Condition = field(default_factory=threading.Condition)

    async def receive(self, request: Request) -> Response:
        body = await request.body()
        with self.changed:
            self.got.append((json.loads(body), request.headers["stripe-signature"], body))
            self.refuse, status = max(self.refuse - 1, 0), 500 if self.refuse else 200
            self.changed.notify_all()
        return Response(status_code=status)

    def kinds(self, number: int) -> list[str]:
        """Return the kinds of the first notifications, once there are so many."""
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.got) >= number, WAIT_SECONDS)
            return [one["type"] for one, _, _ in self.got]


@pytest.fixture
def receiver(stand_in: RunningStandIn) -> Iterator[Receiver]:
    port = free_port()
    receiver = Receiver(f"http://127.0.0.1:{port}/")
    app = Starlette(routes=[Route("/", receiver.receive, methods=["POST"])])
    with served(app, port):
        yield receiver
    for endpoint in stand_in.objects("webhook_endpoint"):
        stand_in.http.delete(
            f"{stand_in.url}/v1/webhook_endpoints/{endpoint}", auth=("sk_test_1", "")
        )


def listen(stand_in: RunningStandIn, receiver: Receiver, *kinds: str) -> str:
    """Register the receiver for some kinds. Returns the secret."""
    form = {f"enabled_events[{n}]": kind for n, kind in enumerate(kinds)}
    made = stand_in.call("/v1/webhook_endpoints", url=receiver.url, **form)
    return str(made["secret"])


def pay(stand_in: RunningStandIn) -> dict[str, Any]:
    return stand_in.call(
        "/v1/payment_intents",
        amount="500",
        currency="usd",
        confirm="true",
        payment_method="pm_card_visa",
    )


def test_a_webhook_is_signed_and_tried_again(stand_in: RunningStandIn, receiver: Receiver) -> None:
    secret = listen(stand_in, receiver, "payment_intent.succeeded")
    stand_in.control(webhooks={"retry_ms": 5})
    receiver.refuse = 2
    intent = pay(stand_in)
    assert receiver.kinds(3) == ["payment_intent.succeeded"] * 3
    ids = {event["id"] for event, _, _ in receiver.got}
    assert len(ids) == 1
    for event, signature, body in receiver.got:
        stripe.Webhook.construct_event(body, signature, secret)
        assert event["data"]["object"]["id"] == intent["id"]


def test_webhooks_are_doubled_dropped_and_reordered(
    stand_in: RunningStandIn, receiver: Receiver
) -> None:
    listen(stand_in, receiver, "payment_intent.created", "payment_intent.succeeded")
    stand_in.control(webhooks={"drop": 2})
    pay(stand_in)
    stand_in.control(webhooks={"duplicate_share": 1, "held": True})
    pay(stand_in)
    assert stand_in.act("release_webhooks", order="reversed") == {"sent": 4}
    assert receiver.kinds(4) == [
        *["payment_intent.succeeded"] * 2,
        *["payment_intent.created"] * 2,
    ]


def test_endpoints_of_accounts_get_what_belongs_to_accounts(
    stand_in: RunningStandIn, receiver: Receiver
) -> None:
    stand_in.call(
        "/v1/webhook_endpoints",
        url=receiver.url,
        connect="true",
        **{"enabled_events[0]": "*"},
    )
    pay(stand_in)
    account = stand_in.call("/v1/accounts", country="DE", type="express")
    assert receiver.kinds(1) == ["account.updated"]
    assert receiver.got[0][0]["account"] == account["id"]
