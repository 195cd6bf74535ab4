"""Settings of the risk score with which any attempt is held or blocked, and cases."""

from typing import Any

from sqlmodel import col, select

from core.clock import now
from models.fraud.cases import FraudCase, RedemptionFactor
from models.fraud.rules import Factor, FraudRule
from models.fraud.settings import FraudMode, FraudSettings
from models.identity.accounts import User
from models.redemptions import (
    CounterState,
    Redemption,
    RedemptionOutcome,
    RedemptionReason,
    Voucher,
)
from models.vendors import MemberRole, Vendor
from tests.client import Client, gid
from tests.factories.redemptions import Till
from tests.factories.world import World

HELD, BLOCKED = 40, 80  # points
SLOW = 1_000_000  # seconds since a claim, which no test waits for


async def score_with(
    world: World, vendor: Vendor | None, points: int, **values: Any
) -> FraudSettings:
    """Give each attempt these points, for the quick way from the claim to the till."""
    admin = await world.admin()
    rule = FraudRule(factor=Factor.QUICK, limit=SLOW, points=points)
    given: dict[str, Any] = {
        "version": 1,
        "mode": FraudMode.ACT,
        "rules": [rule.model_dump(mode="json")],
    }
    settings = FraudSettings(
        vendor_id=vendor.id if vendor else None, changed_by_id=admin.id, **given | values
    )
    await world.save(settings)
    return settings


async def manager_of(world: World, vendor: Vendor, role: MemberRole = MemberRole.MANAGER) -> User:
    user = await world.user()
    await world.member(vendor, user, role)
    return user


async def present(till: Till, api: Client, points: int = HELD, **values: Any) -> FraudCase:
    """Present a new voucher under such settings, and return the case."""
    await score_with(till.world, till.vendor, points, **values)
    voucher = await till.voucher()
    await till.redeem(api, token=voucher.token)
    return (await cases(till.world))[-1]


async def cases(world: World) -> list[FraudCase]:
    async with world.database.session() as session:
        found = (await session.exec(select(FraudCase))).all()
    return sorted(found, key=lambda one: one.id)


async def attempt_of(world: World, case: FraudCase) -> Redemption:
    rows = select(Redemption).where(Redemption.id == case.redemption_id)
    async with world.database.session() as session:
        return (await session.exec(rows)).one()


async def voucher_of(world: World, case: FraudCase) -> Voucher:
    rows = select(Voucher).join(Redemption, col(Redemption.voucher_id) == col(Voucher.id))
    async with world.database.session() as session:
        return (await session.exec(rows.where(Redemption.id == case.redemption_id))).one()


async def stored_case(
    till: Till, *, score: int = HELD, holder: User | None = None, **values: Any
) -> FraudCase:
    """Return the case of a blocked attempt, with a factor, without the API."""
    voucher = await till.world.voucher(till.offer, holder or await till.world.user())
    redemption = await till.world.redemption(
        till.vendor,
        voucher,
        member_id=till.scanner.id,
        outcome=RedemptionOutcome.BLOCKED,
        reason=RedemptionReason.SUSPECTED_FRAUD,
        score=score,
        advised=RedemptionOutcome.BLOCKED,
        counters=CounterState.COMPLETE,
        measures={"QUICK": 30.0},
    )
    factor = RedemptionFactor(
        redemption_id=redemption.id,
        factor=Factor.QUICK,
        points=score,
        facts={"value": 30.0, "limit": 60.0},
    )
    given: dict[str, Any] = {"effect": "NONE", "review_until": now()} | values
    case = FraudCase(
        redemption_id=redemption.id,
        vendor_id=till.vendor.id,
        user_id=voucher.user_id,
        score=score,
        **given,
    )
    await till.world.save(factor, case)
    return case


def decision(case: FraudCase, decision: str = "APPROVED", *confirmed: str) -> dict[str, Any]:
    """Return the input of `decideFraudCase`."""
    return {"caseId": gid(case), "decision": decision, "confirmed": list(confirmed)}
