"""Clients that lose their connection resume: each change once, in order."""

import asyncio
import base64
from typing import Any

import pytest
from sqlalchemy import text

from services.journal import append as journal
from services.redemptions.entries import VoucherExpired
from tests.client import gid
from tests.subscriptions.conftest import Shop

BOTH = pytest.mark.parametrize("transport", ["ws", "sse"])
ATTEMPTS = 200


async def test_each_change_exactly_once_however_often_the_connection_is_cut(shop: Shop) -> None:
    """Through the clients' own reconnection, cut at random moments."""
    how: dict[str, Any] = {"resume": True, "retry": 10_000, "drop": 400}
    subscribers = [
        await shop.subscribe_vendor(transport=kind, **how) for kind in ("ws", "sse", "ws")
    ]
    await asyncio.gather(*(subscriber.connected() for subscriber in subscribers))
    turns = asyncio.Semaphore(4)

    async def present() -> None:
        async with turns:
            await shop.present()
            await asyncio.sleep(0.02)

    await asyncio.gather(*(present() for _ in range(ATTEMPTS)))
    attempts = await shop.attempts()
    assert len(attempts) == ATTEMPTS
    for subscriber in subscribers:
        changes = await subscriber.received(ATTEMPTS, patience=20)
        assert [change["redemption"]["id"] for change in changes] == attempts
        assert subscriber.codes == []
        assert len(subscriber.of_type("connected")) > 5, "it was cut indeed"


@BOTH
async def test_missed_changes_come_first(shop: Shop, transport: str) -> None:
    cursor = await shop.cursor(shop.topic)
    ids = [await shop.present() for _ in range(5)]
    subscriber = await shop.subscribe_vendor(transport=transport, variables={"after": cursor})
    first = await subscriber.received(5)
    assert [change["redemption"]["id"] for change in first] == ids
    later = {"after": first[2]["cursor"]}
    second = await shop.subscribe_vendor(transport=transport, variables=later)
    ids.append(await shop.present())
    assert [change["redemption"]["id"] for change in await second.received(3)] == ids[3:]


async def test_missed_changes_of_a_voucher_come_first(shop: Shop) -> None:
    """Entries of its owner's other vouchers lie between."""
    cursor = await shop.cursor(shop.customer_topic)
    ids = [await shop.redeem()]
    async with shop.entries() as session:
        expired = VoucherExpired(shop.vendor.id, shop.voucher.offer_id)
        journal.append(session, expired, to=[shop.customer_topic])
    ids.append(await shop.redeem())
    subscriber = await shop.subscribe_voucher(variables={"after": cursor})
    assert [change["redemption"]["id"] for change in await subscriber.received(2)] == ids


@BOTH
async def test_a_cursor_whose_changes_are_trimmed_has_expired(shop: Shop, transport: str) -> None:
    cursor = await shop.cursor(shop.topic)
    await shop.present()
    await shop.present()
    async with shop.database.session() as session, session.begin():
        await session.execute(text("DELETE FROM journal_entry WHERE seq = 1"))
    subscriber = await shop.subscribe_vendor(transport=transport, variables={"after": cursor})
    await subscriber.ended()
    assert (subscriber.codes, subscriber.changes) == (["CURSOR_EXPIRED"], [])


async def test_a_cursor_at_the_end_holds_though_everything_is_trimmed(shop: Shop) -> None:
    await shop.present()
    cursor = await shop.cursor(shop.topic)
    async with shop.database.session() as session, session.begin():
        await session.execute(text("DELETE FROM journal_entry"))
    subscriber = await shop.subscribe_vendor(variables={"after": cursor})
    id = await shop.present()
    (change,) = await subscriber.received(1)
    assert change["redemption"]["id"] == id


@BOTH
@pytest.mark.parametrize("which", ["ahead", "another epoch"])
async def test_a_cursor_of_another_history_has_expired(
    shop: Shop, transport: str, which: str
) -> None:
    await shop.present()
    epoch = "another" if which == "another epoch" else None
    cursor = await shop.cursor(shop.topic, epoch=epoch, ahead=2 if which == "ahead" else 0)
    subscriber = await shop.subscribe_vendor(transport=transport, variables={"after": cursor})
    await subscriber.ended()
    assert (subscriber.codes, subscriber.changes) == (["CURSOR_EXPIRED"], [])


NO_CURSORS = {
    "empty": "",
    "no base 64": "ß!",
    "short": base64.urlsafe_b64encode(b"5").decode(),
    "cut off": "x",
}


@pytest.mark.parametrize("cursor", NO_CURSORS.values(), ids=NO_CURSORS.keys())
async def test_a_malformed_cursor_is_bad_input(shop: Shop, cursor: str) -> None:
    subscriber = await shop.subscribe_vendor(variables={"after": cursor})
    await subscriber.ended()
    assert (subscriber.codes, subscriber.changes) == (["BAD_USER_INPUT"], [])


@BOTH
async def test_a_cursor_of_another_topic_is_bad_input(shop: Shop, transport: str) -> None:
    foreign = {"after": await shop.cursor(shop.customer_topic)}
    subscriber = await shop.subscribe_vendor(transport=transport, variables=foreign)
    await subscriber.ended()
    assert (subscriber.codes, subscriber.changes) == (["BAD_USER_INPUT"], [])


async def test_an_id_of_another_type_is_bad_input(shop: Shop) -> None:
    subscriber = await shop.subscribe_vendor(variables={"vendorId": gid(shop.voucher)})
    await subscriber.ended()
    assert subscriber.codes == ["BAD_USER_INPUT"]
