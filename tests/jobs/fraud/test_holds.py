"""Holds that end without a decision, leases that end, and notices to reviewers."""

from datetime import timedelta

import pytest
from sqlmodel import select

from core.clock import now
from models.fraud.cases import FraudCase
from models.notifications.inbox import Notification, NotificationKind
from models.redemptions import RedemptionOutcome, RedemptionReason, VoucherState
from services.fraud import holds
from services.transaction import Transactions
from tests.client import Client
from tests.factories.fraud import (
    attempt_of,
    cases,
    manager_of,
    present,
    stored_case,
    voucher_of,
)
from tests.factories.redemptions import Till
from tests.factories.world import World
from tests.jobs.conftest import Defer, Work


async def overdue(till: Till, api: Client, points: int, **values: object) -> FraudCase:
    case = await present(till, api, points, **values)
    case.hold_ends_at = now() - timedelta(seconds=1)
    await till.world.save(case)
    return case


async def notices(world: World, kind: NotificationKind) -> list[Notification]:
    async with world.database.session() as session:
        rows = select(Notification).where(Notification.kind == kind)
        return list((await session.exec(rows)).all())


async def test_a_low_score_is_approved_after_the_time(
    world: World, api: Client, defer: Defer, work: Work
) -> None:
    till = await Till.open(world)
    case = await overdue(till, api, 49)
    await defer("end_fraud_hold", case_id=case.id)
    await work()
    attempt = await attempt_of(world, case)
    assert attempt.outcome is RedemptionOutcome.APPROVED
    voucher = await voucher_of(world, case)
    assert (voucher.state, voucher.redeemed_at) == (VoucherState.REDEEMED, attempt.created_at)
    (stored,) = await cases(world)
    assert (stored.state, stored.effect, stored.decision) == ("OPEN", "TIMED_OUT", None)


async def test_a_high_score_gives_the_voucher_back(
    world: World, api: Client, defer: Defer, work: Work
) -> None:
    till = await Till.open(world)
    case = await overdue(till, api, 50)
    await defer("end_fraud_hold", case_id=case.id)
    await defer("end_fraud_hold", case_id=case.id)
    await work()
    attempt = await attempt_of(world, case)
    refused = RedemptionOutcome.REFUSED, RedemptionReason.NOT_CHECKED
    assert (attempt.outcome, attempt.reason) == refused
    voucher = await voucher_of(world, case)
    assert (voucher.state, voucher.held_at) == (VoucherState.CLAIMED, None)
    assert voucher.expires_at > till.offer.ends_at
    (notice,) = await notices(world, NotificationKind.VOUCHER_RELEASED)
    assert (notice.user_id, notice.subject_id) == (till.customer.id, attempt.id)


async def test_a_hold_does_not_end_before_its_time(
    world: World, api: Client, defer: Defer, work: Work
) -> None:
    till = await Till.open(world)
    case = await present(till, api)
    assert case.hold_ends_at == (await attempt_of(world, case)).created_at + timedelta(minutes=30)
    await defer("end_fraud_hold", case_id=case.id)
    await work()
    assert (await attempt_of(world, case)).outcome is RedemptionOutcome.HELD


async def test_overdue_holds_and_leases_are_found(
    world: World, api: Client, transactions: Transactions
) -> None:
    till = await Till.open(world)
    case = await overdue(till, api, 49)
    lapsed = await stored_case(
        till,
        state="UNDER_REVIEW",
        taken_by_id=till.scanner.id,
        lease_until=now() - timedelta(seconds=1),
    )
    held = await stored_case(
        till,
        state="UNDER_REVIEW",
        taken_by_id=till.scanner.id,
        lease_until=now() + timedelta(minutes=15),
    )
    await holds.end_overdue(transactions.begin)
    async with transactions.begin() as session:
        assert not await holds.return_lapsed(session)
    assert (await world.fresh(case)).effect == "TIMED_OUT"
    assert (await world.fresh(lapsed)).state == "OPEN"
    assert (await world.fresh(held)).state == "UNDER_REVIEW"


@pytest.mark.parametrize("times", [1, 2])
async def test_reviewers_are_notified_once(
    world: World, api: Client, defer: Defer, work: Work, times: int
) -> None:
    till = await Till.open(world)
    manager = await manager_of(world, till.vendor)
    case = await present(till, api)
    for _ in range(times):
        await defer("announce_fraud_case", case_id=case.id)
    await work()
    sent = await notices(world, NotificationKind.FRAUD_CASE_OPENED)
    reviewers = {one.user_id for one in sent}
    assert manager.id in reviewers
    assert not {till.scanner.id, till.customer.id} & reviewers
    assert len(sent) == len(reviewers)
