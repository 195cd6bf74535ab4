"""Vouchers, and the till at which they are redeemed."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlmodel import select

from core.ids import new_id
from core.security.codes import new_code, new_secret_code
from models.gifts import VoucherGift
from models.identity.accounts import User
from models.offers.offers import Offer
from models.redemptions import (
    Redemption,
    RedemptionOutcome,
    RedemptionReason,
    Voucher,
    VoucherState,
)
from models.vendors import MemberRole, Vendor
from tests.client import Client, gid
from tests.factories.base import RowStore

if TYPE_CHECKING:
    from tests.factories.world import World

ANSWER = """
    outcome reason
    voucher { id state redeemedAt }
    redemption { id outcome reason redeemedAt deviceId voucher { id } }
"""


class RedemptionRows(RowStore):
    """Creates vouchers and attempts to redeem them."""

    async def voucher(self, offer: Offer, user: User, **values: Any) -> Voucher:
        """Return a claimed voucher with a signed token. `offer.claimed` does not change."""
        id = new_id()
        given: dict[str, Any] = {
            "claim_number": 1,
            "code": new_code(),
            "token": self.keys.sign_voucher(id, 1, offer.id),
            "starts_at": offer.starts_at,
            "expires_at": offer.ends_at,
        } | values
        given.setdefault("holder_number", given["claim_number"])
        given.setdefault("used", int(given.get("state") is VoucherState.REDEEMED))
        voucher = Voucher(
            id=id, offer_id=offer.id, vendor_id=offer.vendor_id, user_id=user.id, **given
        )
        await self.save(voucher)
        return voucher

    async def voucher_gift(
        self, voucher: Voucher, to: User | None = None, **values: Any
    ) -> VoucherGift:
        """Return an open gift of a voucher by its holder: to a user, or to who has the code."""
        given: dict[str, Any] = {
            "from_user_id": voucher.user_id,
            "to_user_id": to.id if to else None,
            "code": new_secret_code(),
            "expires_at": voucher.expires_at,
        } | values
        gift = VoucherGift(voucher_id=voucher.id, **given)
        await self.save(gift)
        return gift

    async def redemption(self, vendor: Vendor, voucher: Voucher, **values: Any) -> Redemption:
        """Return an attempt by the voucher's own user, refused as expired."""
        given: dict[str, Any] = {
            "member_id": voucher.user_id,
            "outcome": RedemptionOutcome.REFUSED,
            "reason": RedemptionReason.EXPIRED,
        } | values
        redemption = Redemption(vendor_id=vendor.id, voucher_id=voucher.id, **given)
        await self.save(redemption)
        return redemption


@dataclass(frozen=True)
class Till:
    """A vendor with an offer, a customer, and a scanner: the lowest role that can redeem."""

    world: "World"
    vendor: Vendor
    scanner: User
    customer: User
    offer: Offer

    @classmethod
    async def open(cls, world: "World", **offer: Any) -> "Till":
        vendor, scanner, customer = await world.vendor(), await world.user(), await world.user()
        await world.member(vendor, scanner, MemberRole.SCANNER)
        return cls(world, vendor, scanner, customer, await world.offer(vendor, **offer))

    async def staff(self) -> User:
        """Return a new member with the lowest role that can chat."""
        user = await self.world.user()
        await self.world.member(self.vendor, user, MemberRole.STAFF)
        return user

    async def voucher(self, **values: Any) -> Voucher:
        return await self.world.voucher(self.offer, self.customer, **values)

    async def claim(self, api: Client, user: User | None = None) -> Voucher:
        """Return a voucher that a user, the customer by default, has claimed by the API."""
        input = {"offerId": gid(self.offer), "idempotencyKey": str(new_id())}
        client = api.signed_in(user or self.customer)
        answer = await client.do("claimOffer", input, "voucher { code }")
        assert answer["errors"] == []
        rows = select(Voucher).where(Voucher.code == answer["voucher"]["code"])
        async with self.world.database.session() as session:
            return (await session.exec(rows)).one()

    async def manager(self) -> User:
        """Return a new member with the lowest role that can correct redemptions."""
        user = await self.world.user()
        await self.world.member(self.vendor, user, MemberRole.MANAGER)
        return user

    def scan(self, **presented: Any) -> dict[str, Any]:
        """Return the input of `redeemVoucher` here, with a new key unless one is given."""
        return {"vendorId": gid(self.vendor), "idempotencyKey": str(new_id())} | presented

    async def redeem(self, api: Client, **presented: Any) -> dict[str, Any]:
        """Return the payload that the scanner receives."""
        client = api.signed_in(self.scanner)
        return await client.do("redeemVoucher", self.scan(**presented), ANSWER)

    async def attempts(self) -> list[Redemption]:
        """Return the stored attempts at this vendor, oldest first."""
        rows = select(Redemption).where(Redemption.vendor_id == self.vendor.id)
        async with self.world.database.session() as session:
            kept = (await session.exec(rows)).all()
        return sorted(kept, key=lambda one: one.created_at)
