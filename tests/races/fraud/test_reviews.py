"""Reviewers, the end of a hold and a second scan meet at one case."""

from asyncio import gather
from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import Database
from models.fraud.cases import CaseEffect, FraudCase, RedemptionFactor
from models.redemptions import Redemption, RedemptionOutcome, Voucher, VoucherState
from services.fraud import holds, reviewing
from services.fraud.access import LockedCase
from services.transaction import Transactions
from services.viewer import Viewer
from tests.client import Client, gid
from tests.factories.fraud import attempt_of, decision, present, stored_case, voucher_of
from tests.factories.redemptions import Till
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.races.meeting import Meeting, Overtaking

EndOfHold = Callable[[AsyncSession, LockedCase], Awaitable[CaseEffect]]
TwoCalls = Callable[[Awaitable[list[str]], Awaitable[list[str]]], Awaitable[list[list[str]]]]


class NoPublisher:
    def publish(self, grown: object) -> None:
        pass


async def unlocked_case(session: AsyncSession, viewer: Viewer, case_id: UUID) -> FraudCase:
    return await session.get_one(FraudCase, case_id)


async def unlocked(session: AsyncSession, case_id: UUID) -> LockedCase:
    case = await session.get_one(FraudCase, case_id)
    redemption = await session.get_one(Redemption, case.redemption_id)
    return LockedCase(case, redemption, await session.get_one(Voucher, redemption.voucher_id))


async def unlocked_whole(session: AsyncSession, viewer: Viewer, case_id: UUID) -> LockedCase:
    return await unlocked(session, case_id)


async def take_at_once(world: World, clients: list[Client]) -> list[list[str]]:
    """Return the refusals of two admins, each at a process of its own."""
    case = await stored_case(await Till.open(world, claimed=1))
    admins = [await world.admin(), await world.admin()]
    return await gather(
        *(
            client.signed_in(admin).refusal_codes("takeFraudCase", {"caseId": gid(case)})
            for client, admin in zip(clients, admins, strict=True)
        )
    )


async def test_a_case_has_one_reviewer(
    world: World, servers: list[Client], database: Database
) -> None:
    for _ in range(10):
        assert sorted(await take_at_once(world, servers)) == [[], ["CASE_TAKEN"]]
    await check_invariants(database)


async def test_a_case_has_two_reviewers_without_the_lock(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reviewing, "access_case", Meeting().after(unlocked_case))
    assert await take_at_once(world, [api, api]) == [[], []]


async def decide_at_once(world: World, clients: list[Client]) -> tuple[list[list[str]], str]:
    """Return the refusals of an approval and a rejection, and the outcome of the attempt."""
    till = await Till.open(world, claimed=1)
    case = await present(till, clients[0])
    admins = [await world.admin(), await world.admin()]
    codes = await gather(
        *(
            client.signed_in(admin).refusal_codes("decideFraudCase", decision(case, wanted))
            for client, admin, wanted in zip(clients, admins, ("APPROVED", "REJECTED"), strict=True)
        )
    )
    return codes, (await attempt_of(world, case)).outcome


async def test_a_case_is_decided_once(
    world: World, servers: list[Client], database: Database
) -> None:
    for _ in range(10):
        (approved, rejected), outcome = await decide_at_once(world, servers)
        assert sorted([approved, rejected]) == [[], ["CASE_RESOLVED"]]
        assert outcome == ("APPROVED" if not approved else "BLOCKED")
    await check_invariants(database)


async def test_a_case_is_decided_twice_without_the_lock(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The attempt has no factor here: the labels of a case are unique, too."""
    monkeypatch.setattr(reviewing, "access_whole_case", Meeting().after(unlocked_whole))
    monkeypatch.setattr(reviewing, "find_factors", _no_factors)
    codes, _ = await decide_at_once(world, [api, api])
    assert codes == [[], []]


async def _no_factors(session: AsyncSession, redemption_id: UUID) -> set[RedemptionFactor]:
    return set()


async def reject_at_the_end(
    world: World, client: Client, database: Database, together: TwoCalls = gather
) -> list[str]:
    """Reject a case while its hold ends in favour of the customer. Returns what both did."""
    till = await Till.open(world, claimed=1)
    case = await present(till, client)
    case.hold_ends_at = now()
    await world.save(case)
    admin = await world.admin()
    transactions = Transactions(database, NoPublisher())

    async def end() -> list[str]:
        async with transactions.begin() as session:
            await holds.end_hold(session, case.id)
        return []

    codes, _ = await together(
        client.signed_in(admin).refusal_codes("decideFraudCase", decision(case, "REJECTED")),
        end(),
    )
    assert codes == []
    attempt, voucher = await attempt_of(world, case), await voucher_of(world, case)
    return [attempt.outcome, voucher.state, (await world.fresh(case)).effect]


async def test_a_decision_and_the_end_of_a_hold_have_one_effect(
    world: World, servers: list[Client], database: Database
) -> None:
    """The second one finds that the hold has ended, so the attempt and its voucher agree."""
    ends = {("APPROVED", "REDEEMED", "TIMED_OUT"), ("BLOCKED", "CLAIMED", "REJECTED")}
    for _ in range(10):
        assert tuple(await reject_at_the_end(world, servers[0], database)) in ends
    await check_invariants(database)


async def test_both_have_an_effect_without_the_lock(
    world: World, api: Client, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hold ends while the reviewer has read it, so a redeemed voucher has a blocked attempt."""
    overtaking = Overtaking()
    monkeypatch.setattr(reviewing, "access_whole_case", overtaking.after(unlocked_whole))
    monkeypatch.setattr(holds, "lock_case", unlocked)
    ended: list[str] = []
    for name in ("approve_hold", "reject_hold"):
        noting = _noting(getattr(holds, name), name, ended)
        monkeypatch.setattr(holds, name, noting)
        monkeypatch.setattr(reviewing, name, noting)
    outcome, state, _ = await reject_at_the_end(world, api, database, overtaking.run)
    assert ended == ["approve_hold", "reject_hold"]
    assert (outcome, state) == ("BLOCKED", "REDEEMED")


def _noting(call: EndOfHold, name: str, ended: list[str]) -> EndOfHold:
    async def note(session: AsyncSession, locked: LockedCase) -> CaseEffect:
        ended.append(name)
        return await call(session, locked)

    return note


async def test_an_approval_and_a_second_scan_redeem_once(
    world: World, servers: list[Client], database: Database
) -> None:
    for _ in range(10):
        till = await Till.open(world, claimed=1)
        case = await present(till, servers[0])
        voucher, admin = await voucher_of(world, case), await world.admin()
        codes, second = await gather(
            servers[0].signed_in(admin).refusal_codes("decideFraudCase", decision(case)),
            till.redeem(servers[1], token=voucher.token),
        )
        assert codes == []
        assert second["reason"] in {"BEING_CHECKED", "ALREADY_REDEEMED"}
        assert (await voucher_of(world, case)).state is VoucherState.REDEEMED
        async with database.session() as session:
            rows = select(Redemption.outcome).where(Redemption.voucher_id == voucher.id)
            outcomes = (await session.exec(rows)).all()
        assert sorted(outcomes) == [RedemptionOutcome.APPROVED, RedemptionOutcome.REFUSED]
    await check_invariants(database)
