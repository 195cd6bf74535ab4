"""A row in every table, and SQL that goes past the code."""

from datetime import timedelta

import pytest

from core.clock import now
from core.ids import new_id
from models.identity import RefreshToken, UserSession
from models.notifications import Notification, NotificationKind
from models.redemptions import RedemptionOutcome, RedemptionReason, VoucherState
from tests.factories.till import Till
from tests.factories.world import World


@pytest.fixture
async def peopled(world: World) -> World:
    """One row in each table that has rules, and two where one must differ from another."""
    till, moment = await Till.open(world, claimed=1), now()
    session = UserSession(user_id=till.customer.id)
    voucher = await till.voucher(state=VoucherState.REDEEMED, redeemed_at=moment)
    await world.redemption(
        till.vendor,
        voucher,
        outcome=RedemptionOutcome.APPROVED,
        reason=RedemptionReason.APPROVED,
        created_at=moment,
        latitude=12.9,
        longitude=77.5,
    )
    await world.like(till.offer, till.customer)
    await world.upload(till.customer)
    await world.category(parent=await world.category())
    kind = NotificationKind.VOUCHER_REDEEMED
    await world.save(
        session,
        RefreshToken(session_id=session.id, token_hash=b"h", expires_at=now() + timedelta(1)),
        Notification(user_id=till.customer.id, kind=kind, subject_id=new_id()),
    )
    return world
