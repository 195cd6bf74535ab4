"""Two tills, two devices and a customer change the same voucher concurrently."""

from collections import Counter
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import Database
from models.redemptions import Voucher
from models.vendors import MemberRole
from services.redemptions import redeem, redemptions, uses
from services.redemptions.code_limits import WRONG_PER_TILL
from tests.client import Client, gid
from tests.factories.redemptions import Till
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.races.conftest import Drop
from tests.races.crowd import at_once, crowd, tally
from tests.races.meeting import Meeting, Overtaking
from tests.races.unguarded import take_voucher

WHAT = "reason redemption { id } voucher { state }"
ONCE = ("redemption_approved_key", "notification_user_id_kind_subject_id_up_to_sequence_key")
STATES = ("voucher_redeemed_at_check", "voucher_cancelled_at_check")


async def unlocked(session: AsyncSession, voucher_id: UUID) -> Voucher:
    return await session.get_one(Voucher, voucher_id)


async def unlocked_at_till(connection: asyncpg.Connection, voucher_id: UUID) -> Voucher:
    (voucher,) = await redeem.BY_ID.fetch(connection, id=voucher_id)
    return voucher


def remove_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read vouchers without a lock. The three devices of the vendor have read before one writes."""
    meeting = Meeting(3)
    monkeypatch.setattr(redemptions, "lock_voucher", meeting.after(unlocked))
    monkeypatch.setattr(redeem, "_lock_voucher", meeting.after(unlocked_at_till))


async def vouchers_of(till: Till, rounds: int) -> list[Voucher]:
    return [await till.world.voucher(till.offer, user) for user in await crowd(till.world, rounds)]


async def redeem_at_once(
    world: World, clients: list[Client], rounds: int
) -> list[tuple[Counter[str], str]]:
    """Return, per round, the tally of the vendor's two devices and another vendor's reason."""
    till, other = await Till.open(world, claimed=rounds), await Till.open(world)
    second = await world.user()
    await world.member(till.vendor, second, MemberRole.STAFF)
    here, there = clients
    results = []
    for number, voucher in enumerate(await vouchers_of(till, rounds)):
        typed = number % 2 and number < 2 * WRONG_PER_TILL  # more would be limited elsewhere
        presented = {"code": voucher.code} if typed else {"token": voucher.token}
        at_till, again, second_till, elsewhere = await at_once(
            client.signed_in(user).do("redeemVoucher", at.scan(**presented), WHAT)
            for client, user, at in (
                (here, till.scanner, till),
                (here, till.scanner, till),
                (there, second, till),
                (there, other.scanner, other),
            )
        )
        results.append((tally([at_till, again, second_till]), elsewhere["reason"]))
    return results


async def test_one_voucher_is_redeemed_once(
    world: World, servers: list[Client], database: Database
) -> None:
    results = await redeem_at_once(world, servers, rounds=100)
    assert [at_own for at_own, _ in results] == [{"APPROVED": 1, "ALREADY_REDEEMED": 2}] * 100
    assert {elsewhere for _, elsewhere in results} == {"OTHER_VENDOR", "UNKNOWN"}  # token, code
    await check_invariants(database)


async def test_without_the_lock_the_guard_refuses_the_second_till(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch, database: Database
) -> None:
    remove_locks(monkeypatch)
    ((here, _),) = await redeem_at_once(world, [api, api], rounds=1)
    assert here["APPROVED"] == 1
    await check_invariants(database)


async def test_one_voucher_is_redeemed_twice_without_lock_and_guard(
    drop: Drop, world: World, api: Client, monkeypatch: pytest.MonkeyPatch, database: Database
) -> None:
    remove_locks(monkeypatch)
    monkeypatch.setattr(uses, "_take_voucher", take_voucher)
    for name in ONCE:
        await drop(name)
    ((here, _),) = await redeem_at_once(world, [api, api], rounds=1)
    assert here["APPROVED"] > 1
    with pytest.raises(AssertionError, match="without exactly one approval"):
        await check_invariants(database)


async def cancel_and_redeem(
    world: World, clients: list[Client], rounds: int
) -> Counter[tuple[str, str]]:
    """Count the pairs of responses when the owner cancels while the till redeems."""
    till = await Till.open(world, claimed=rounds)
    owner, scanner = clients[0].signed_in(till.customer), clients[1].signed_in(till.scanner)
    ends: Counter[tuple[str, str]] = Counter()
    for turn in range(rounds):
        voucher = await till.voucher(claim_number=turn + 1)
        cancel: dict[str, Any] = {"voucherId": gid(voucher)}
        calls = [
            owner.do("cancelVoucher", cancel),
            scanner.do("redeemVoucher", till.scan(token=voucher.token), WHAT),
        ]
        swapped = turn % 2
        answers = await at_once(reversed(calls) if swapped else calls)
        cancelled, redeemed = reversed(answers) if swapped else answers
        (cancelling,), (redeeming,) = tally([cancelled]), tally([redeemed])
        ends[cancelling, redeeming] += 1
    return ends


async def test_one_voucher_is_cancelled_or_redeemed(
    world: World, servers: list[Client], database: Database
) -> None:
    ends = await cancel_and_redeem(world, servers, rounds=20)
    assert set(ends) <= {("OK", "CANCELLED"), ("VOUCHER_NOT_CANCELLABLE", "APPROVED")}
    await check_invariants(database)


async def test_one_voucher_is_cancelled_and_redeemed_without_the_lock(
    drop: Drop, world: World, api: Client, monkeypatch: pytest.MonkeyPatch, database: Database
) -> None:
    """The cancellation has read the voucher, and writes once it is redeemed."""
    overtaking, till = Overtaking(), await Till.open(world, claimed=1)
    monkeypatch.setattr(redemptions, "lock_voucher", overtaking.after(unlocked))
    for name in STATES:
        await drop(name)
    voucher = await till.voucher(claim_number=1)
    owner, scanner = api.signed_in(till.customer), api.signed_in(till.scanner)
    answers = await overtaking.run(
        owner.do("cancelVoucher", {"voucherId": gid(voucher)}),
        scanner.do("redeemVoucher", till.scan(token=voucher.token), WHAT),
    )
    assert tally(answers) == {"OK": 1, "APPROVED": 1}
    with pytest.raises(AssertionError, match="voucher whose timestamps contradict its state"):
        await check_invariants(database)
