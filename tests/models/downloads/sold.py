"""A file, the right of a buyer to it, a use of a link, and a license key that was sold.

They belong to the line of an order, so the rows of orders make them.
"""

from core.clock import now
from core.ids import new_id
from models.downloads.grants import Download, DownloadOutcome
from models.orders.lines import OrderLine
from tests.factories.downloads import granted, license_key, sold_file
from tests.factories.redemptions import Till
from tests.factories.world import World


async def make_sold(world: World, till: Till, line: OrderLine) -> None:
    asset = await sold_file(world, till.customer, till.vendor.id, line.ref_id)
    grant = granted(asset, line, till.customer)
    key = license_key(world, till.vendor.id, line.ref_id, "AAA-1")
    key.line_id, key.suborder_id, key.user_id = line.id, line.suborder_id, till.customer.id
    key.unit_number, key.sold_at = 0, now()
    attempt = Download(grant_id=grant.id, jti=new_id(), outcome=DownloadOutcome.SERVED)
    await world.save(grant, attempt, key)
