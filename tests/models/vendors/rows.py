"""One suspension, which has not ended, a follower, and what belongs to a profile."""

from datetime import timedelta

from core.clock import now
from models.vendors import VendorFollow
from models.vendors.commissions import VendorCommission
from models.vendors.hours import VendorDay, VendorHours, VendorOpen
from models.vendors.slugs import VendorSlug
from tests.factories.applications import suspended
from tests.factories.redemptions import Till
from tests.factories.world import World


async def make(world: World, till: Till) -> None:
    await suspended(world, await world.vendor())
    await world.save(VendorFollow(user_id=till.customer.id, vendor_id=till.vendor.id))
    await world.save(VendorSlug(slug="corner-cafe", vendor_id=till.vendor.id))
    commission = VendorCommission(
        vendor_id=till.vendor.id, number=1, bps=500, starts_at=now(), admin_id=till.customer.id
    )
    await world.save(commission)
    await make_hours(world, till)


async def make_hours(world: World, till: Till) -> None:
    moment, vendor_id = now(), till.vendor.id
    await world.save(
        VendorHours(vendor_id=vendor_id, weekday=1, from_minute=540, until_minute=1080),
        VendorDay(vendor_id=vendor_id, day=moment.date(), name="Stocktaking"),
        VendorOpen(vendor_id=vendor_id, starts_at=moment, ends_at=moment + timedelta(hours=9)),
    )
