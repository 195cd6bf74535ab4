"""A vendor, a customer of it, and those who are neither: who may see the row of a domain?"""

from dataclasses import dataclass

from models.identity.accounts import User
from models.offers.offers import Offer, OfferState
from models.redemptions import Voucher
from models.vendors import Vendor, VendorStatus
from tests.factories.world import World

OWNER, CUSTOMER, ADMIN, STRANGER, ANONYMOUS = VIEWERS = (
    "owner",
    "customer",
    "admin",
    "stranger",
    "anonymous",
)
ANYONE = frozenset(VIEWERS)


@dataclass(frozen=True)
class Scene:
    """The customer has a voucher of the owner's vendor, which the public does not see."""

    world: World
    owner: User
    customer: User
    admin: User
    stranger: User
    vendor: Vendor
    offer: Offer
    voucher: Voucher

    @classmethod
    async def make(cls, world: World) -> "Scene":
        owner, customer, stranger = [await world.user() for _ in range(3)]
        await world.vendor(stranger)
        vendor = await world.vendor(owner, status=VendorStatus.PENDING)
        offer = await world.offer(vendor, state=OfferState.DRAFT)
        voucher = await world.voucher(offer, customer)
        return cls(world, owner, customer, await world.admin(), stranger, vendor, offer, voucher)
