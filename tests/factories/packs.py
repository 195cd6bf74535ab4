"""Packs, and quota that vendors have bought."""

from datetime import timedelta
from typing import Any

from sqlmodel import select

from core.clock import now
from models.identity.accounts import User
from models.ledger.accounts import Account, AccountKind
from models.ledger.entries import Leg, Posting, PostingKind
from models.packs.grants import PackGrant, PackRule
from models.packs.packs import Pack, PackPrice, QuotaUnit
from models.purchases import Purchase, PurchaseKind, PurchaseState
from models.vendors import Vendor
from services.ledger.posting import post_entries
from tests.client import gid
from tests.factories.base import NUMBERS, RowStore

PRICE = 100_00
TAX_BPS = 1_800


class PackRows(RowStore):
    """Creates packs."""

    async def pack(self, *, net: int = PRICE, tax_bps: int = 0, **values: Any) -> Pack:
        """Return a pack of 5 offers for 30 days, which costs 100.00 in rupees."""
        given: dict[str, Any] = {
            "title": {"en": f"Pack {next(NUMBERS)}"},
            "unit": QuotaUnit.OFFER,
            "quota": 5,
            "period_days": 30,
        } | values
        pack = Pack(**given)
        price = PackPrice(pack_id=pack.id, currency="INR", net=net, tax_bps=tax_bps)
        await self.save(pack, price)
        return pack

    async def bought(
        self, vendor: Vendor, user: User, pack: Pack | None = None, **values: Any
    ) -> PackGrant:
        """Return quota of a vendor that was paid with money of the bank."""
        pack = pack or await self.pack()
        purchase = Purchase(
            user_id=user.id,
            owner_id=vendor.id,
            kind=PurchaseKind.PACK,
            ref_id=pack.id,
            state=PurchaseState.PAID,
            currency="INR",
            net=PRICE,
            total=PRICE,
            hold_until=now(),
            paid_at=now(),
        )
        given: dict[str, Any] = {
            "vendor_id": vendor.id,
            "purchase_id": purchase.id,
            "pack_id": pack.id,
            "unit": pack.unit,
            "granted": pack.quota,
            "currency": "INR",
            "net": PRICE,
            "starts_at": now() - timedelta(days=1),
            "ends_at": now() + timedelta(days=29),
        } | values
        grant = PackGrant(**given)
        bank, deferred = (
            Account(kind, "INR") for kind in (AccountKind.BANK, AccountKind.PACK_DEFERRED)
        )
        async with self.database.session() as session, session.begin():
            session.add_all([purchase, grant])
            await session.flush()
            posting = Posting(PostingKind.PURCHASE, purchase.id)
            await post_entries(session, posting, [Leg(bank, deferred, grant.net)])
        return grant

    async def needs_packs(self, vendor: Vendor, *, required: bool = True) -> None:
        await self.save(PackRule(vendor_id=vendor.id, required=required))

    async def grants(self, vendor: Vendor) -> list[PackGrant]:
        """Return the quota of a vendor, the oldest first."""
        rows = select(PackGrant).where(PackGrant.vendor_id == vendor.id)
        async with self.database.session() as session:
            found = (await session.exec(rows)).all()
        return sorted(found, key=lambda one: one.id)

    async def purchases(self, owner: User | Vendor) -> list[Purchase]:
        """Return the purchases for an owner, the oldest first."""
        rows = select(Purchase).where(Purchase.owner_id == owner.id)
        async with self.database.session() as session:
            found = (await session.exec(rows)).all()
        return sorted(found, key=lambda one: one.id)


def pack_input(**changes: Any) -> dict[str, Any]:
    """Return the input of `createPack`, with a new key."""
    number = next(NUMBERS)
    return {
        "title": [{"locale": "en", "text": f"Ten offers {number}"}],
        "unit": "OFFER",
        "unitCount": 10,
        "periodDays": 30,
        "prices": [{"currency": "INR", "netMinor": PRICE, "taxBps": TAX_BPS}],
        "idempotencyKey": f"pack-{number}",
    } | changes


def buying(vendor: Vendor, pack: Pack, **changes: Any) -> dict[str, Any]:
    """Return the input of `buyPack` and `subscribeToPack`, with a new key."""
    return {
        "vendorId": gid(vendor),
        "packId": gid(pack),
        "idempotencyKey": f"buy-{next(NUMBERS)}",
    } | changes
