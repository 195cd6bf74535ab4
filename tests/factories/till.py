"""A shop's till: a vendor with an offer, somebody who scans, and a customer."""

from dataclasses import dataclass
from typing import Any

from sqlmodel import select

from core.ids import new_id
from models.identity.accounts import User
from models.offers.offers import Offer
from models.redemptions import Redemption, Voucher
from models.vendors import MemberRole, Vendor
from tests.client import Client, gid
from tests.factories.world import World

ANSWER = """
    outcome reason
    voucher { id state redeemedAt }
    redemption { id outcome reason redeemedAt deviceId voucher { id } }
"""


@dataclass(frozen=True)
class Till:
    """Scans what customers hold up. The scanner has the lowest role that may."""

    world: World
    vendor: Vendor
    scanner: User
    customer: User
    offer: Offer

    @classmethod
    async def open(cls, world: World, **offer: Any) -> "Till":
        vendor, scanner, customer = await world.vendor(), await world.user(), await world.user()
        await world.member(vendor, scanner, MemberRole.SCANNER)
        return cls(world, vendor, scanner, customer, await world.offer(vendor, **offer))

    async def voucher(self, **values: Any) -> Voucher:
        return await self.world.voucher(self.offer, self.customer, **values)

    def scan(self, **presented: Any) -> dict[str, Any]:
        """The input of `redeemVoucher` at this till, under a new key unless one is given."""
        return {"vendorId": gid(self.vendor), "idempotencyKey": str(new_id())} | presented

    async def redeem(self, api: Client, **presented: Any) -> dict[str, Any]:
        """What the scanner is answered."""
        client = api.signed_in(self.scanner)
        return await client.do("redeemVoucher", self.scan(**presented), ANSWER)

    async def attempts(self) -> list[Redemption]:
        """What is kept of this vendor's attempts, the first first."""
        rows = select(Redemption).where(Redemption.vendor_id == self.vendor.id)
        async with self.world.database.session() as session:
            kept = (await session.exec(rows)).all()
        return sorted(kept, key=lambda one: one.created_at)
