"""Webhooks: signed, read whole, stored once, matched to a payment, and replayed by admins."""

import json
from datetime import UTC, datetime

import httpx
from sqlmodel import select

from models.audit import AuditAct, AuditEntry
from models.payments.events import WebhookEvent, WebhookState
from payments_stand_in.state import WEBHOOK_SECRET
from payments_stand_in.stripe.events import signature
from tests.client import gid
from tests.factories.paying import PayingShop

LIST = "{ webhookEvents(where: {webhookStates: [UNMATCHED]}) { nodes { id objectReference } } }"


def event(reference: str, id: str = "evt_1") -> bytes:
    return json.dumps(
        {
            "id": id,
            "object": "event",
            "api_version": "2026-10-28.endive",
            "created": int(datetime.now(UTC).timestamp()),
            "type": "payment_intent.succeeded",
            "livemode": False,
            "data": {"object": {"id": reference, "object": "payment_intent"}},
        }
    ).encode()


async def stored(shop: PayingShop) -> list[WebhookEvent]:
    async with shop.world.database.session() as session:
        return list((await session.exec(select(WebhookEvent))).all())


async def test_what_is_not_signed_or_too_long_is_refused(
    shop: PayingShop, paying_http: httpx.AsyncClient
) -> None:
    body = event("pi_1")
    signed = signature(WEBHOOK_SECRET, body)
    answers = [
        await paying_http.post("/webhooks/stripe", content=body),
        await paying_http.post("/webhooks/stripe", content=body + b" ", headers=signed),
        await paying_http.post(
            "/webhooks/stripe", content=body, headers=signature("whsec_other", body)
        ),
        await paying_http.post(
            "/webhooks/stripe", content=body, headers={b"Stripe-Signature": b"t=1,v1=\xe9"}
        ),
        await paying_http.post("/webhooks/paystack", content=body, headers=signed),
        await paying_http.post(
            "/webhooks/paystack", content=body, headers={b"X-Paystack-Signature": b"\xe9"}
        ),
        await paying_http.post("/webhooks/stripe", content=b"a" * (256 * 1024 + 1)),
        await paying_http.get("/webhooks/stripe"),
        await paying_http.post("/webhooks/other", content=body),
    ]
    assert [one.status_code for one in answers] == [*[400] * 6, 413, 405, 404]
    assert await stored(shop) == []


async def test_an_event_about_nothing_of_ours_is_kept_for_admins(
    shop: PayingShop, paying_http: httpx.AsyncClient
) -> None:
    foreign = shop.stand_in.call("/v1/payment_intents", amount="5000", currency="inr")
    for number, reference in enumerate((foreign["id"], "pi_unknown")):
        body = event(reference, f"evt_{number}")
        answer = await paying_http.post(
            "/webhooks/stripe", content=body, headers=signature(WEBHOOK_SECRET, body)
        )
        assert answer.status_code == 200
    await shop.webhooks()
    found = [one for one in await stored(shop) if one.event_id in {"evt_0", "evt_1"}]
    assert {one.state for one in found} == {WebhookState.UNMATCHED}
    admin = shop.api.signed_in(await shop.world.admin())
    listed = (await admin.ask(LIST))["webhookEvents"]["nodes"]
    assert {one["objectReference"] for one in listed} >= {foreign["id"], "pi_unknown"}
    replayed = await admin.do(
        "replayWebhook", {"webhookEventId": listed[0]["id"]}, "webhook { webhookState }"
    )
    assert replayed["webhook"] == {"webhookState": "RECEIVED"}
    await shop.work()
    async with shop.world.database.session() as session:
        acts = select(AuditEntry).where(AuditEntry.act == AuditAct.REPLAY_WEBHOOK)
        assert len((await session.exec(acts)).all()) == 1
        states = (await session.exec(select(WebhookEvent.state))).all()
    assert WebhookState.RECEIVED not in states


async def test_events_are_for_admins(shop: PayingShop) -> None:
    await shop.placed()
    await shop.webhooks()
    (one, *_) = await stored(shop)
    user = shop.api.signed_in(await shop.world.user())
    given = {"webhookEventId": gid(one)}
    assert await user.mutation_failed("replayWebhook", given) == ["FORBIDDEN"]
    assert await shop.api.mutation_failed("replayWebhook", given) == ["UNAUTHENTICATED"]
    assert await user.failed(LIST) == ["FORBIDDEN"]
