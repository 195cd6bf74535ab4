"""Fifty requests for the last three downloads, and orders for the last license keys, at once.

Each race has a control without the guard, which must go wrong.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from copy import copy
from uuid import UUID

import pytest
from asyncpg.exceptions import CheckViolationError
from sqlalchemy import Uuid, bindparam, text
from sqlmodel import col, select

from core.database import Database
from core.ids import new_id
from core.statements.statement import Statement
from models.downloads.grants import DownloadGrant, DownloadOutcome
from models.downloads.keys import LicenseKey
from models.payments.payments import Payment
from models.payments.recording import RecordedPayment
from services.downloads.rights import handing_out
from services.downloads.rights.handing_out import HAND_OUT
from services.downloads.serving import uses
from services.downloads.serving.links import DownloadLink
from services.downloads.serving.uses import Downloader, take_download
from services.payments.recording import record_payment
from services.transaction import Transactions
from services.viewer import Viewer
from tests.client import Client
from tests.factories.buying import Buyer, Unheard
from tests.factories.downloads import DigitalShop, granted, license_key, sold_file
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.races.conftest import Drop
from tests.races.meeting import held

CALLERS, MOST, KEYS, BUYERS = 50, 3, 12, 12
UNGUARDED = Statement(
    text(
        "UPDATE download_grant SET used = used + 1 WHERE id = :grant_id RETURNING used"
    ).bindparams(bindparam("grant_id", type_=Uuid()))
)
CALLER = Downloader("192.0.2.7", "curl/8")


async def sold(world: World) -> DownloadGrant:
    buyer, vendor = await world.user(), await world.vendor()
    placed = await world.placed_order(buyer, [vendor])
    line = placed.lines[0]
    asset = await sold_file(world, buyer, vendor.id, line.ref_id)
    grant = granted(asset, line, buyer, most=MOST)
    await world.save(grant)
    return grant


async def take(world: World, links: Sequence[DownloadLink]) -> Counter[DownloadOutcome]:
    """Use links in parallel, each in a transaction of its own."""
    transactions = Transactions(world.database, Unheard())

    async def use(link: DownloadLink) -> DownloadOutcome:
        async with transactions.begin() as session:
            return await take_download(session, link, CALLER)

    return Counter(await asyncio.gather(*(use(link) for link in links)))


async def test_exactly_as_many_links_count_as_there_are(world: World) -> None:
    grant = await sold(world)
    links = [DownloadLink.to(grant) for _ in range(CALLERS)]
    counted = await take(world, links)
    assert counted == {DownloadOutcome.SERVED: MOST, DownloadOutcome.USED_UP: CALLERS - MOST}
    await check_invariants(world.database)


async def test_without_the_guard_more_links_count(
    world: World, drop: Drop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the number is raised whatever it is, and no constraint refuses it."""
    await drop("download_grant_used_check")
    grant = await sold(world)
    monkeypatch.setattr(uses, "COUNT", UNGUARDED)
    counted = await take(world, [DownloadLink.to(grant) for _ in range(CALLERS)])
    assert counted == {DownloadOutcome.SERVED: CALLERS}


async def test_without_the_guard_the_constraint_has_the_last_word(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    grant = await sold(world)
    monkeypatch.setattr(uses, "COUNT", UNGUARDED)
    with pytest.raises(CheckViolationError):
        await take(world, [DownloadLink.to(grant) for _ in range(MOST + 1)])


async def test_requests_of_one_link_at_once_count_once(world: World) -> None:
    grant = await sold(world)
    link = DownloadLink(grant.id, new_id())
    counted = await take(world, [link] * CALLERS)
    assert counted == {DownloadOutcome.SERVED: CALLERS}
    row = await world.fresh(grant)
    assert row is not None
    assert row.used == 1
    await check_invariants(world.database)


async def pending(world: World, api: Client) -> tuple[DigitalShop, Sequence[UUID]]:
    """Return payments of orders that hold the last keys of a variant."""
    shop = await DigitalShop.open(world, api, tracks_stock=True, on_hand=KEYS)
    keys = [license_key(world, shop.vendor.id, shop.variant.id, f"K-{n}") for n in range(KEYS)]
    await world.save(*keys)
    for _ in range(BUYERS):
        buyer = await (await Buyer.create(world, api)).fill(shop.variant)
        assert (await buyer.place())["errors"] == []
    async with world.database.session() as session:
        return shop, (await session.exec(select(Payment.id).order_by(col(Payment.id)))).all()


async def settle(world: World, payment_ids: Sequence[UUID]) -> None:
    """Record the transfers for these payments, all at once."""
    transactions = Transactions(world.database, Unheard())
    viewer = Viewer(user_id=(await world.admin()).id, admin=True)

    async def one(id: UUID) -> None:
        async with transactions.begin() as session:
            payment = await session.get_one(Payment, id)
            assert payment.order_id
            recorded = RecordedPayment(
                amount=payment.amount, currency=payment.currency, reference=f"UTR {id.hex}"
            )
            await record_payment(
                session, viewer, recorded, order_id=payment.order_id, idempotency_key=str(id)
            )

    await asyncio.gather(*(one(id) for id in payment_ids))


async def owners(database: Database) -> Counter[UUID | None]:
    async with database.session() as session:
        return Counter((await session.exec(select(LicenseKey.line_id))).all())


async def test_each_unit_gets_a_key_of_its_own(world: World, api: Client) -> None:
    shop, payment_ids = await pending(world, api)
    await settle(world, payment_ids)
    assert [*(await owners(world.database)).values()] == [1] * KEYS
    assert None not in await owners(world.database)
    assert (await world.stock(shop.variant)).on_hand == 0
    await check_invariants(world.database)


async def test_without_locks_buyers_lose_their_keys(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the same key is chosen by several, and the last one keeps it."""
    _, payment_ids = await pending(world, api)
    unlocked = copy(HAND_OUT)
    unlocked.sql = HAND_OUT.sql.replace("FOR UPDATE SKIP LOCKED", "")
    assert unlocked.sql != HAND_OUT.sql
    monkeypatch.setattr(handing_out, "HAND_OUT", unlocked)
    async with held(world.database, "SELECT FROM license_key FOR UPDATE"):
        await settle(world, payment_ids)
    assert (await owners(world.database))[None] > 0
