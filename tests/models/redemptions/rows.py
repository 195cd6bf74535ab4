"""A redeemed voucher, and the attempt that redeemed it."""

from core.clock import now
from models.redemptions import RedemptionOutcome, RedemptionReason, VoucherState
from tests.factories.redemptions import Till
from tests.factories.world import World


async def make(world: World, till: Till) -> None:
    moment = now()
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
