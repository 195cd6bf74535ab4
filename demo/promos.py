"""Seeds promo codes of vendors and of the platform."""

from datetime import timedelta
from typing import Any

from demo.dataset import Dataset, DemoVendor
from demo.rng import SeededRandom
from demo.vendors.cafe import CAFE
from models.pricing.discounts import PromoKind
from models.promos.codes import PromoCode
from models.vendors import VendorStatus

SHARE = 0.2  # of the vendors that have a code
VALID_DAYS = 180
# Amounts are in whole units of the currency, by what they buy in it.
FIVE_COFFEES = {"INR": 500, "NGN": 8_000, "USD": 20, "EUR": 20}
MINOR = 100


def seed_promo_codes(rng: SeededRandom, dataset: Dataset) -> None:
    """Add codes that are not used: uses come with orders."""
    for number, vendor in enumerate(dataset.vendors):
        has_code, kind = rng.chance(SHARE), rng.choice(list(PromoKind))
        if vendor.row.name == CAFE["name"]:
            _add(rng, dataset, vendor, "TUMBLER10", _terms(vendor, PromoKind.PERCENT))
            _add(rng, dataset, vendor, "FREEDELIVERY", _terms(vendor, PromoKind.FREE_DELIVERY))
        elif has_code and vendor.row.status is VendorStatus.APPROVED:
            _add(rng, dataset, vendor, f"THANKS-{number}", _terms(vendor, kind))
    for currency, amount in FIVE_COFFEES.items():
        welcome = {
            "kind": PromoKind.AMOUNT,
            "value": amount * MINOR // 5,
            "currency": currency,
            "minimum": amount * MINOR,
            "combines": True,
        }
        _add(rng, dataset, None, f"WELCOME-{currency}", welcome)


def _terms(vendor: DemoVendor, kind: PromoKind) -> dict[str, Any]:
    currency = vendor.row.currency
    unit = FIVE_COFFEES[currency] * MINOR // 5
    values = {PromoKind.PERCENT: 1_000, PromoKind.AMOUNT: unit, PromoKind.FREE_DELIVERY: 0}
    return {
        "kind": kind,
        "value": values[kind],
        "currency": currency,
        "minimum": 2 * unit,
        "max_discount": None if kind is PromoKind.AMOUNT else 3 * unit,
        "combines": True,
        "capacity": 500,
        "per_user": 2,
    }


def _add(
    rng: SeededRandom,
    dataset: Dataset,
    vendor: DemoVendor | None,
    code: str,
    terms: dict[str, Any],
) -> None:
    since = dataset.now - timedelta(days=7)
    row = PromoCode(
        id=rng.uuid7_at(since),
        created_at=since,
        vendor_id=vendor.row.id if vendor else None,
        code=code,
        valid_from=since,
        valid_until=dataset.now + timedelta(days=VALID_DAYS),
        **terms,
    )
    dataset.promo_codes.append(row)
