"""The business types of each country, with their products."""

from dataclasses import dataclass
from typing import Any

from demo.toml_data import load

Product = dict[str, str]  # name by language


@dataclass(frozen=True)
class BusinessType:
    """`typical_bill` is in whole units of the currency, not in minor units.

    A stem replaces the `*` in `name_patterns`. `gifts` can be a free item.
    """

    category: str
    typical_bill: int
    discounts: tuple[str, ...]
    name_patterns: tuple[str, ...]
    products: tuple[Product, ...]
    gifts: tuple[Product, ...]


def _parse_business_type(entry: dict[str, Any]) -> BusinessType:
    return BusinessType(
        category=entry["category"],
        typical_bill=entry["typical_bill"],
        discounts=tuple(entry["discounts"]),
        name_patterns=tuple(entry["name_patterns"]),
        products=tuple(entry["products"]),
        gifts=tuple(entry["gifts"]),
    )


FILES = {
    "IN": "business_types_india",
    "NG": "business_types_nigeria",
    "US": "business_types_united_states",
    "DE": "business_types_germany",
}
BUSINESS_TYPES = {
    country: tuple(_parse_business_type(entry) for entry in load(name)["business_types"])
    for country, name in FILES.items()
}
