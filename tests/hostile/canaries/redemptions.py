"""Vouchers with everything by which another could use them, and attempts to redeem them."""

import base64

from core.media import qr
from models.redemptions import Voucher
from tests.factories.world import World
from tests.hostile.canaries.base import ADMIN, CUSTOMER, OWNER, Canaries


async def plant(world: World, canaries: Canaries) -> None:
    customer, stranger = canaries.people[CUSTOMER], canaries.people["stranger"]
    shop, rival = canaries.vendors["shop"], canaries.vendors["rival"]
    own = await world.voucher(canaries.offers["shop"], customer)
    other = await world.voucher(canaries.offers["shop"], stranger)
    elsewhere = await world.voucher(canaries.offers["rival"], stranger)
    canaries.vouchers = {CUSTOMER: own, "stranger": other, "elsewhere": elsewhere}
    canaries.rows += [
        *canaries.vouchers.values(),
        await world.redemption(shop, own, device_id="till of the corner"),
        await world.redemption(shop, other, device_id="canary of the corner's till"),
        await world.redemption(rival, elsewhere, device_id="canary of the rival's till"),
    ]
    canaries.add(*_printed(own), readers=[CUSTOMER])
    canaries.add(*_printed(other), *_printed(elsewhere))
    canaries.add("till of the corner", readers=[CUSTOMER, OWNER, ADMIN])
    canaries.add("canary of the corner's till", readers=[OWNER, ADMIN])
    canaries.add("canary of the rival's till", readers=[ADMIN])


def _printed(voucher: Voucher) -> set[str]:
    """Return everything by which another could use the voucher."""
    png = base64.b64encode(qr.png(voucher.token)).decode()
    return {voucher.code, voucher.token, qr.svg(voucher.token), png}
