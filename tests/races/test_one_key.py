"""One idempotency key, used twenty times concurrently: one effect and one response."""

from typing import Any
from uuid import UUID

import pytest
from sqlmodel import func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import Database
from core.ids import new_id
from core.statements.units import TransactionOnDemand
from models.identity.accounts import User
from models.offers.offers import Offer
from models.redemptions import Voucher
from models.vendors import Vendor
from services import idempotency
from services.idempotency import ClaimedKey
from services.offers import first_claims
from services.viewer import Viewer
from tests.client import Client
from tests.factories.offers import offer_input
from tests.factories.redemptions import ANSWER, Till
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.races.crowd import Payload, at_once, claim_at_once, tally

TIMES = 20
CLAIM = first_claims.claim


async def forgetful(
    session: AsyncSession,
    viewer: Viewer,
    operation: str,
    key: str,
    makes: UUID | None = None,
    /,
    **given: object,
) -> ClaimedKey:
    return ClaimedKey(viewer.require_user(), operation, key, replayed=None)


async def claim_with_another_key(unit: TransactionOnDemand, **values: Any) -> Voucher | None:
    return await CLAIM(unit, **values | {"key": str(new_id())})


async def claim(till: Till, clients: list[Client]) -> list[Payload]:
    return await claim_at_once(clients, [till.customer] * TIMES, till.offer, key="k")


async def redeem(till: Till, clients: list[Client]) -> list[Payload]:
    voucher = await till.voucher()
    scan = till.scan(token=voucher.token, idempotencyKey="k")
    return await at_once(
        clients[number % 2].signed_in(till.scanner).do("redeemVoucher", scan, ANSWER)
        for number in range(TIMES)
    )


async def draft(owner: User, vendor: Vendor, clients: list[Client]) -> list[Payload]:
    given = offer_input(vendor, idempotencyKey="k")
    return await at_once(
        clients[number % len(clients)].signed_in(owner).do("createOffer", given, "offer { id }")
        for number in range(TIMES)
    )


async def count_drafts(database: Database, vendor: Vendor) -> int:
    async with database.session() as session:
        rows = select(func.count()).where(Offer.vendor_id == vendor.id)
        return (await session.exec(rows)).one()


def ensure_one_answer(answers: list[Payload]) -> None:
    """Check that all responses are equal, except IDEMPOTENCY_IN_PROGRESS after two seconds."""
    waiting = tally(answers)["IDEMPOTENCY_IN_PROGRESS"]
    answered = [answer for answer in answers if not answer["errors"]]
    assert len(answered) == TIMES - waiting
    assert all(answer == answered[0] for answer in answered)


async def test_one_key_claims_once(world: World, clients: list[Client], database: Database) -> None:
    till = await Till.open(world, per_user_limit=20)
    ensure_one_answer(await claim(till, clients))
    assert (await world.fresh(till.offer)).claimed == 1
    await check_invariants(database)


async def test_one_key_redeems_once(
    world: World, clients: list[Client], database: Database
) -> None:
    till = await Till.open(world, claimed=1)
    answers = await redeem(till, clients)
    ensure_one_answer(answers)
    assert tally(answers)["APPROVED"] >= 1
    assert len(await till.attempts()) == 1
    await check_invariants(database)


async def test_one_key_drafts_once(world: World, clients: list[Client], database: Database) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    ensure_one_answer(await draft(owner, vendor, clients))
    assert await count_drafts(database, vendor) == 1
    await check_invariants(database)


async def test_one_key_drafts_again_if_it_is_forgotten(
    world: World, api: Client, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idempotency, "claim", forgetful)
    owner = await world.user()
    vendor = await world.vendor(owner)
    await draft(owner, vendor, [api])
    assert await count_drafts(database, vendor) == TIMES


async def test_one_key_claims_again_if_it_is_forgotten_in_one_statement(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next claim is refused by the limit, and not answered again."""
    monkeypatch.setattr(first_claims, "claim", claim_with_another_key)
    till = await Till.open(world, per_user_limit=1)
    answers = tally(await claim(till, [api]))
    assert answers == {"OK": 1, "CLAIM_LIMIT_REACHED": TIMES - 1}


async def test_one_key_claims_again_if_it_is_forgotten(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch, no_first_claims: None
) -> None:
    monkeypatch.setattr(idempotency, "claim", forgetful)
    till = await Till.open(world, per_user_limit=20)
    with pytest.raises(AssertionError):
        ensure_one_answer(await claim(till, [api]))
    assert (await world.fresh(till.offer)).claimed == TIMES


async def test_one_key_scans_again_if_it_is_forgotten(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idempotency, "claim", forgetful)
    till = await Till.open(world)
    with pytest.raises(AssertionError):
        ensure_one_answer(await redeem(till, [api, api]))
    assert len(await till.attempts()) == TIMES
