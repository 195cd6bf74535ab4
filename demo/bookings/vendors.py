"""Adds vendors that are booked, with all that shops have: a page, hours, and a tax number."""

from collections.abc import Mapping, Sequence
from typing import Any

from demo.cities import CITIES
from demo.dataset import Dataset, DemoVendor
from demo.rng import SeededRandom
from demo.taxes import add_registration
from demo.vendors.business_types import BusinessType
from demo.vendors.hours import add_hours
from demo.vendors.profiles import add_profile
from demo.vendors.storefronts import add_storefront
from demo.vendors.vendors import add_vendor
from models.identity.accounts import User
from models.vendors.hours import Minutes

Spans = Sequence[tuple[int, int]]  # minutes of the local day
Week = Mapping[int, Spans]  # by weekday, Monday being 1


def add_booked_vendor(
    rng: SeededRandom,
    dataset: Dataset,
    texts: Mapping[str, Any],
    city_name: str,
    area: int,
    owner: User,
    week: Week,
) -> DemoVendor:
    """Add a vendor of the texts in an area of a city, which is open in these times."""
    city = next(one for one in CITIES if one.name == city_name)
    first, second, *_ = texts["about"]
    kind = BusinessType(
        category=texts["category"],
        typical_bill=0,
        discounts=(),
        name_patterns=(),
        products=(),
        gifts=(),
    )
    vendor = add_vendor(
        rng,
        dataset,
        city,
        city.areas[area],
        kind,
        (first, second),
        texts["name"],
        texts["about"],
        owner,
    )
    add_profile(rng, dataset, vendor)
    add_storefront(rng, dataset, vendor, {one.slug for one in dataset.slugs})
    add_registration(rng, dataset, vendor)
    hours = {day: [Minutes(*span) for span in spans] for day, spans in week.items()}
    add_hours(rng, dataset, vendor, hours, closes=False)
    return vendor
