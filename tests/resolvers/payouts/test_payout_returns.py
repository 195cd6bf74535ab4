"""Payouts that came back: noted by one admin, and confirmed by another one."""

import asyncio
from collections import Counter as Tally
from typing import Any

import pytest

from models.payouts.accounts import PayoutRail
from models.payouts.payouts import Payout, PayoutState
from models.vendors import MemberRole
from services.payouts.starting import take_amount
from services.transaction import Transactions
from tests.client import Client, gid, unknown
from tests.factories.base import NUMBERS
from tests.factories.buying import Unheard
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.resolvers.audit.test_audit_log import read_log
from tests.resolvers.payouts.conftest import Counter

FIELDS = "payout { id payoutState payoutCause failureText returnReason waitsForConfirmation }"
WAITING = "{ allPayouts(where: {waitsForConfirmation: true}) { nodes { id returnReason } } }"


def keyed(**values: Any) -> dict[str, Any]:
    return {"idempotencyKey": f"return-{next(NUMBERS)}"} | values


async def sent(world: World, counter: Counter, state: PayoutState, **values: Any) -> Payout:
    """Return a payout of 500.00 whose money has left the balance."""
    await world.earned(counter.vendor, 500_00)
    payout = await world.payout(await world.payout_account(counter.vendor, **values))
    async with Transactions(world.database, Unheard()).begin() as session:
        row = await session.get_one(Payout, payout.id)
        assert await take_amount(session, row)
        row.state = state
    return payout


async def test_the_money_comes_back_when_another_admin_confirms_it(
    world: World, indian: Counter
) -> None:
    here, there = await indian.admin(), await indian.admin()
    payout = await sent(world, indian, PayoutState.IN_TRANSIT)
    noting = keyed(payoutId=gid(payout), reason="No such account")
    noted = await here.do("markPayoutReturned", noting, FIELDS)
    assert await here.do("markPayoutReturned", noting, FIELDS) == noted
    assert noted["payout"] | {"id": ""} == {
        "id": "",
        "payoutState": "IN_TRANSIT",
        "payoutCause": None,
        "failureText": None,
        "returnReason": "No such account",
        "waitsForConfirmation": True,
    }
    assert await world.available(indian.vendor) == 0
    waiting = (await there.ask(WAITING))["allPayouts"]["nodes"]
    assert waiting == [{"id": gid(payout), "returnReason": "No such account"}]
    again = keyed(payoutId=gid(payout), reason="Once more")
    assert await there.refusal_codes("markPayoutReturned", again) == ["PAYOUT_RETURN_NOTED"]
    paid = keyed(payoutId=gid(payout), reference="HDFCN1")
    assert await there.refusal_codes("markPayoutPaid", paid) == ["PAYOUT_RETURN_NOTED"]
    own = keyed(payoutId=gid(payout))
    assert await here.refusal_codes("confirmPayoutReturn", own) == ["OTHER_ADMIN_NEEDED"]
    confirming = keyed(payoutId=gid(payout))
    confirmed = await there.do("confirmPayoutReturn", confirming, FIELDS)
    assert await there.do("confirmPayoutReturn", confirming, FIELDS) == confirmed
    assert (confirmed["payout"]["payoutState"], confirmed["payout"]["failureText"]) == (
        "FAILED",
        "No such account",
    )
    assert not confirmed["payout"]["waitsForConfirmation"]
    assert await world.available(indian.vendor) == 500_00
    late = await there.refusal_codes("confirmPayoutReturn", keyed(payoutId=gid(payout)))
    assert late == ["PAYOUT_STATE"]
    for act in ("MARK_PAYOUT_RETURNED", "CONFIRM_PAYOUT_RETURN"):
        (entry,) = await read_log(here, act=act, outcome="DONE")
        assert entry["subjectId"] == gid(payout)
    await check_invariants(world.database)


async def test_a_return_that_is_rejected_moves_nothing(world: World, indian: Counter) -> None:
    here, there = await indian.admin(), await indian.admin()
    payout = await sent(world, indian, PayoutState.IN_TRANSIT)
    noting = keyed(payoutId=gid(payout), reason="A mistake")
    assert await here.refusal_codes("markPayoutReturned", noting) == []
    for client in (there, here):
        rejected = await client.do("rejectPayoutReturn", {"payoutId": gid(payout)}, FIELDS)
        assert rejected["payout"]["returnReason"] is None
    late = await there.refusal_codes("confirmPayoutReturn", keyed(payoutId=gid(payout)))
    assert late == ["PAYOUT_STATE"]
    paid = keyed(payoutId=gid(payout), reference="HDFCN2")
    assert await here.refusal_codes("markPayoutPaid", paid) == []
    assert await world.available(indian.vendor) == 0
    await read_log(here, act="REJECT_PAYOUT_RETURN", outcome="DONE")
    await check_invariants(world.database)


async def test_admins_who_confirm_at_once_move_the_money_once(
    world: World, indian: Counter
) -> None:
    here = await indian.admin()
    others = [await indian.admin() for _ in range(6)]
    payout = await sent(world, indian, PayoutState.IN_TRANSIT)
    noting = keyed(payoutId=gid(payout), reason="No such account")
    assert await here.refusal_codes("markPayoutReturned", noting) == []
    answers = await asyncio.gather(
        *(one.refusal_codes("confirmPayoutReturn", keyed(payoutId=gid(payout))) for one in others)
    )
    assert Tally(tuple(one) for one in answers) == {(): 1, ("PAYOUT_STATE",): 5}
    assert await world.available(indian.vendor) == 500_00
    await check_invariants(world.database)


async def test_a_payout_that_its_provider_does_not_know_comes_back(
    world: World, german: Counter
) -> None:
    """It is never sent a second time by itself, so that two admins end it."""
    here, there = await german.admin(), await german.admin()
    payout = await sent(world, german, PayoutState.UNKNOWN, rail=PayoutRail.STRIPE, country="DE")
    noting = keyed(payoutId=gid(payout), reason="Stripe does not have it")
    assert await here.refusal_codes("markPayoutReturned", noting) == []
    done = await there.do("confirmPayoutReturn", keyed(payoutId=gid(payout)), FIELDS)
    assert done["payout"]["payoutState"] == "FAILED"
    assert await world.available(german.vendor) == 500_00
    await check_invariants(world.database)


@pytest.mark.parametrize("state", [PayoutState.SENDING, PayoutState.IN_TRANSIT, PayoutState.PAID])
async def test_providers_say_themselves_what_came_back(
    world: World, german: Counter, state: PayoutState
) -> None:
    admin = await german.admin()
    payout = await world.payout(
        await world.payout_account(german.vendor, rail=PayoutRail.STRIPE, country="DE")
    )
    async with world.database.session() as session, session.begin():
        row = await session.get_one(Payout, payout.id)
        row.state = state
        if state is PayoutState.PAID:
            row.pay()
    noting = keyed(payoutId=gid(payout), reason="It came back")
    assert await admin.refusal_codes("markPayoutReturned", noting) == ["PAYOUT_STATE"]


async def test_admins_confirm_nothing_of_their_own_business(world: World, indian: Counter) -> None:
    here, member = await indian.admin(), await world.admin()
    await world.member(indian.vendor, member, MemberRole.STAFF)
    payout = await sent(world, indian, PayoutState.IN_TRANSIT)
    noting = keyed(payoutId=gid(payout), reason="No such account")
    assert await here.refusal_codes("markPayoutReturned", noting) == []
    own: Client = indian.api.signed_in(member)
    for name, given in (
        ("confirmPayoutReturn", keyed(payoutId=gid(payout))),
        ("rejectPayoutReturn", {"payoutId": gid(payout)}),
    ):
        assert await own.refusal_codes(name, given) == ["OWN_PAYOUT"]
        missing = given | {"payoutId": unknown("Payout")}
        assert await here.refusal_codes(name, missing) == ["NOT_FOUND"]
    assert await world.available(indian.vendor) == 0
