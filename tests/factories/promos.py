"""Promo codes."""

from typing import Any

from models.pricing.discounts import PromoKind
from models.promos.codes import PromoCode
from models.vendors import Vendor
from tests.client import gid
from tests.factories.base import NUMBERS, RowStore


class PromoRows(RowStore):
    """Creates promo codes."""

    async def promo_code(self, vendor: Vendor | None = None, **values: Any) -> PromoCode:
        """Return a code of 10 %, which each user can use once. Of the platform without a vendor."""
        given: dict[str, Any] = {
            "code": f"CODE-{next(NUMBERS)}",
            "kind": PromoKind.PERCENT,
            "value": 1_000,
            "currency": vendor.currency if vendor else "INR",
        } | values
        code = PromoCode(vendor_id=vendor.id if vendor else None, **given)
        await self.save(code)
        return code


def promo_code_input(vendor: Vendor | None, **changes: Any) -> dict[str, Any]:
    """Return the input of `createPromoCode`: a tenth off, with a new code and a new key."""
    number = next(NUMBERS)
    return {
        "vendorId": gid(vendor) if vendor else None,
        "code": f"TENTH-{number}",
        "discount": {"percentBps": 1_000},
        "currency": vendor.currency if vendor else "INR",
        "idempotencyKey": f"tenth-{number}",
    } | changes
