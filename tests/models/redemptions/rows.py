"""A redeemed voucher, the attempt that redeemed it, and what that took."""

from core.clock import now
from models.fraud.links import LinkKind
from models.redemptions import RedemptionOutcome, RedemptionReason, VoucherState
from models.redemptions.bills import Bill, BillUse, OfferHousehold, VendorVisit
from tests.factories.redemptions import Till
from tests.factories.world import World


async def make(world: World, till: Till) -> None:
    moment = now()
    voucher = await till.voucher(state=VoucherState.REDEEMED, redeemed_at=moment)
    bill = Bill(
        vendor_id=till.vendor.id,
        reference="B-1",
        amount_minor=1_000,
        currency="INR",
        discount_minor=100,
        uses=1,
    )
    await world.save(bill)
    attempt = await world.redemption(
        till.vendor,
        voucher,
        outcome=RedemptionOutcome.APPROVED,
        reason=RedemptionReason.APPROVED,
        created_at=moment,
        latitude=12.9,
        longitude=77.5,
        bill_id=bill.id,
        amount_minor=100,
    )
    await world.save(
        BillUse(
            bill_id=bill.id,
            stack_group="group:food",
            voucher_id=voucher.id,
            redemption_id=attempt.id,
            amount_minor=100,
        ),
        OfferHousehold(
            offer_id=till.offer.id, kind=LinkKind.PHONE, hash=bytes(32), voucher_id=voucher.id
        ),
        VendorVisit(vendor_id=till.vendor.id, user_id=till.customer.id, visits=1),
    )
