"""A voucher that was given, and the end of its former codes."""

from models.scanners import CodesEnded, OfflineLimit, VoucherRevocation
from tests.factories.redemptions import Till
from tests.factories.world import World


async def make(world: World, till: Till) -> None:
    holder = await world.user()
    till = await Till.open(world, per_user_limit=2)
    voucher = await till.voucher()
    await world.voucher_gift(voucher, to=holder)
    await world.save(OfflineLimit(vendor_id=till.vendor.id))
    await world.save(
        VoucherRevocation(
            vendor_id=till.vendor.id,
            voucher_id=voucher.id,
            kind=CodesEnded.REISSUED,
            generation=2,
            by_id=holder.id,
            reason="The code was shown to others",
        )
    )
