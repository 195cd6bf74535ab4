"""Payouts that are requested, started and answered many times at once: the money leaves once."""

import asyncio
from collections import Counter
from collections.abc import Awaitable

from sqlmodel import select

from gateways.payments.gateway import MoneyStatus
from models.payouts.accounts import PayoutRail
from models.payouts.payouts import Payout, PayoutState
from services.payouts import planning
from services.payouts.access import lock_payout
from services.payouts.outcomes import follow_payout
from services.payouts.starting import all_of, take_amount
from services.transaction import Transactions
from tests.client import Client, gid
from tests.factories.buying import Unheard
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.races.conftest import Drop
from tests.races.meeting import Meeting

CLIENTS = 20


def requests(clients: list[Client], vendor_id: str) -> list[Awaitable[list[str]]]:
    return [
        clients[number % 2].refusal_codes(
            "requestPayout", {"vendorId": vendor_id, "idempotencyKey": f"key-{number}"}
        )
        for number in range(CLIENTS)
    ]


async def test_many_requests_at_once_plan_one_payout(world: World, clients: list[Client]) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    await world.payout_account(vendor, owner)
    await world.earned(vendor, 500_00)
    signed_in = [one.signed_in(owner) for one in clients]
    answers = await asyncio.gather(*requests(signed_in, gid(vendor)))
    assert Counter(tuple(one) for one in answers) == {(): 1, ("PAYOUT_OPEN",): CLIENTS - 1}
    await check_invariants(world.database)


async def test_without_the_index_and_the_check_there_are_several(drop: Drop, world: World) -> None:
    """The control: the account is not locked either."""
    owner = await world.user()
    vendor = await world.vendor(owner)
    account = await world.payout_account(vendor, owner)
    await world.earned(vendor, 500_00)
    await drop("payout_open_key")
    transactions, meeting = Transactions(world.database, Unheard()), Meeting()

    async def plan() -> None:
        async with transactions.begin() as session:
            row = await session.get_one(type(account), account.id)
            if not await planning._has_open(session, row):
                await meeting.arrive()
                session.add(
                    Payout(
                        vendor_id=vendor.id,
                        payout_account_id=account.id,
                        currency="INR",
                        rail=PayoutRail.BANK_FILE,
                        amount=500_00,
                    )
                )

    await asyncio.gather(*(plan() for _ in range(5)))
    async with world.database.session() as session:
        assert len((await session.exec(select(Payout))).all()) > 1


async def test_a_payout_is_started_and_followed_once_by_all_who_do_it_at_once(
    world: World,
) -> None:
    vendor = await world.vendor(await world.user())
    await world.earned(vendor, 500_00)
    payout = await world.payout(await world.payout_account(vendor), 500_00)
    transactions = Transactions(world.database, Unheard())

    async def start() -> bool:
        async with transactions.begin() as session:
            return await take_amount(session, await lock_payout(session, payout.id), all_of)

    async def follow(status: MoneyStatus) -> None:
        async with transactions.begin() as session:
            await follow_payout(session, payout.id, status)

    assert sorted(await asyncio.gather(*(start() for _ in range(8)))) == [False] * 7 + [True]
    outcomes = [MoneyStatus.SUCCEEDED, MoneyStatus.FAILED, MoneyStatus.PENDING] * 4
    await asyncio.gather(*map(follow, outcomes))
    ended = await world.fresh(payout)
    assert ended.state in {PayoutState.PAID, PayoutState.RETURNED}
    balance = await world.balance(vendor)
    back = 500_00 if ended.state is PayoutState.RETURNED else 0
    assert (balance.available, balance.in_transit) == (back, 0)
    await check_invariants(world.database)
