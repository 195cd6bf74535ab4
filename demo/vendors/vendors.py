"""Seeds vendors with their members."""

from collections.abc import Iterator
from datetime import timedelta
from functools import cache

import phonenumbers

from core.security.sealed import Sealer
from core.security.signing_keys import SigningKeys
from core.text.search_text import searchable
from core.text.slugs import slugify
from demo.cities import CITIES, Area, City
from demo.dataset import Dataset, DemoVendor
from demo.identity.users import NAMES, add_random_user
from demo.offers.offers import add_random_offers
from demo.offers.phrases import PHRASES, capitalize_first
from demo.rng import SeededRandom
from demo.vendors.business_types import BUSINESS_TYPES, BusinessType
from models.identity.accounts import User
from models.vendors import MemberRole, Vendor, VendorMember, VendorStatus

VENDOR_COUNT = 300  # with the owner's café
LOCAL_LANGUAGE_SHARE = {"IN": 0.35, "NG": 0.25, "US": 0.2, "DE": 0.0}  # as a vendor's own language
STATUSES = {
    VendorStatus.APPROVED: 0.92,
    VendorStatus.PENDING: 0.04,
    VendorStatus.SUSPENDED: 0.02,
    VendorStatus.REJECTED: 0.02,
}
EMPLOYEE_ROLES = (MemberRole.MANAGER, MemberRole.STAFF, MemberRole.SCANNER)


def seed_vendors(rng: SeededRandom, dataset: Dataset) -> None:
    names: set[str] = set()
    for city, business_type in _assign_business_types(rng, VENDOR_COUNT - 1):
        area = rng.choice(city.areas)
        name = _random_name(rng, city, business_type, names)
        locales = _random_locales(rng, city)
        products = rng.sample(business_type.products, 2)
        year = rng.randint(1988, 2024)
        about = {
            locale: PHRASES[locale].about.format(
                first=capitalize_first(products[0][locale]),
                second=products[1][locale],
                area=area.name,
                city=city.name_in(locale),
                year=year,
            )
            for locale in locales
        }
        [status] = rng.choices(list(STATUSES), list(STATUSES.values()))
        owner = add_random_user(rng, dataset, city.country)
        vendor = add_vendor(rng, dataset, city, area, business_type, locales, name, about, owner)
        vendor.row.status = status
        for role in EMPLOYEE_ROLES[: rng.randint(0, 2)]:
            add_member(rng, dataset, vendor, add_random_user(rng, dataset, city.country), role)
        add_random_offers(rng, dataset, vendor)


def add_vendor(
    rng: SeededRandom,
    dataset: Dataset,
    city: City,
    area: Area,
    business_type: BusinessType,
    locales: tuple[str, str],
    name: str,
    about: dict[str, str],
    owner: User,
) -> DemoVendor:
    """Add a vendor near the center of its area (standard deviation: about 450 m)."""
    created = dataset.now - timedelta(days=rng.uniform(90, 700))
    row = Vendor(
        id=rng.uuid7_at(created),
        created_at=created,
        name=name,
        description=about,
        category_id=dataset.categories[business_type.category].id,
        status=VendorStatus.APPROVED,
        locale=locales[0],
        country=city.country,
        city=city.name,
        pin_code=area.pin_code,
        latitude=round(rng.gauss(area.latitude, 0.004), 6),
        longitude=round(rng.gauss(area.longitude, 0.004), 6),
        website=f"https://{slugify(name)}.example/",
        time_zone=city.zone.key,
        currency=city.currency,
        search_text=searchable(name, city.name),
    )
    vendor = DemoVendor(row, city, area, business_type, locales, member_ids=[])
    dataset.vendors.append(vendor)
    add_member(rng, dataset, vendor, owner, MemberRole.OWNER)
    return vendor


def seal_phones(dataset: Dataset, keys: SigningKeys) -> None:
    sealer = Sealer(keys)
    for vendor in dataset.vendors:
        vendor.row.seal_phone(sealer, _example_phone(vendor.city.country))


def add_member(
    rng: SeededRandom, dataset: Dataset, vendor: DemoVendor, user: User, role: MemberRole
) -> None:
    since = max(vendor.row.created_at, user.created_at)
    dataset.members.append(
        VendorMember(
            id=rng.uuid7_at(since),
            created_at=since,
            vendor_id=vendor.row.id,
            user_id=user.id,
            role=role,
        )
    )
    vendor.member_ids.append(user.id)


def _assign_business_types(rng: SeededRandom, count: int) -> Iterator[tuple[City, BusinessType]]:
    """Yield cities in rotation. Business types repeat only after all were used."""
    unused: dict[str, list[BusinessType]] = {country: [] for country in BUSINESS_TYPES}
    for number in range(count):
        city = CITIES[number % len(CITIES)]
        left = unused[city.country]
        if not left:
            all_types = BUSINESS_TYPES[city.country]
            left.extend(rng.sample(all_types, len(all_types)))
        yield city, left.pop()


def _random_name(
    rng: SeededRandom, city: City, business_type: BusinessType, taken: set[str]
) -> str:
    stems = [*city.name_stems, *city.name_stems, *NAMES[city.country]["shop_stems"]]
    while True:
        stem = rng.choice(stems)
        name = rng.choice(business_type.name_patterns).replace("*", stem)
        if name not in taken:
            taken.add(name)
            return name


def _random_locales(rng: SeededRandom, city: City) -> tuple[str, str]:
    main, local = ("de" if city.country == "DE" else "en"), rng.choice(city.languages)
    return (local, main) if rng.chance(LOCAL_LANGUAGE_SHARE[city.country]) else (main, local)


@cache
def _example_phone(country: str) -> str:
    """Return the country's example number, which has no subscriber."""
    example = phonenumbers.example_number(country)
    assert example  # noqa: S101 - every country of the demo data has one
    return phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
