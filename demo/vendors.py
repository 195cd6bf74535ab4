"""Vendors, spread over the cities, and who works there."""

import re
from collections.abc import Iterator
from datetime import timedelta
from functools import cache

import phonenumbers

from core.text import searchable
from demo.chance import Chance
from demo.offers import draw_offers
from demo.people import draw_person
from demo.phrases import capitalized
from demo.places import CITIES, Area, City
from demo.rows import Shop, Town
from demo.trades import TRADES, Trade
from demo.words_offers import PHRASES
from demo.words_people import STEMS
from models.identity.accounts import User
from models.vendors import MemberRole, Vendor, VendorMember, VendorStatus

VENDORS = 300
LOCAL_SHARE = {"IN": 0.35, "NG": 0.25, "US": 0.2, "DE": 0.0}  # who write in a tongue first
STATUSES = {
    VendorStatus.APPROVED: 0.92,
    VendorStatus.PENDING: 0.04,
    VendorStatus.SUSPENDED: 0.02,
    VendorStatus.REJECTED: 0.02,
}
HELPERS = (MemberRole.MANAGER, MemberRole.STAFF, MemberRole.SCANNER)


def draw_vendors(chance: Chance, town: Town) -> None:
    """All but the owner's, each with those who work there and with what it offers."""
    names: set[str] = set()
    for city, trade in _spread(chance, VENDORS - 1):
        area = chance.choice(city.areas)
        name = _draw_name(chance, city, trade, names)
        locales = _draw_locales(chance, city)
        wares = chance.sample(trade.wares, 2)
        year = chance.randint(1988, 2024)
        about = {
            locale: PHRASES[locale].about.format(
                first=capitalized(wares[0][locale]),
                second=wares[1][locale],
                area=area.name,
                city=city.name_in(locale),
                year=year,
            )
            for locale in locales
        }
        [status] = chance.choices(list(STATUSES), list(STATUSES.values()))
        owner = draw_person(chance, town, city.country)
        shop = open_shop(chance, town, city, area, trade, locales, name, about, owner)
        shop.vendor.status = status
        for role in HELPERS[: chance.randint(0, 2)]:
            hire(chance, town, shop, draw_person(chance, town, city.country), role)
        draw_offers(chance, town, shop)


def open_shop(
    chance: Chance,
    town: Town,
    city: City,
    area: Area,
    trade: Trade,
    locales: tuple[str, str],
    name: str,
    about: dict[str, str],
    owner: User,
) -> Shop:
    """An approved vendor within a few streets of the middle of its neighbourhood."""
    created = town.now - timedelta(days=chance.uniform(90, 700))
    vendor = Vendor(
        id=chance.id_at(created),
        created_at=created,
        name=name,
        description=about,
        category_id=town.categories[trade.path].id,
        status=VendorStatus.APPROVED,
        locale=locales[0],
        country=city.country,
        city=city.name,
        pin_code=area.pin_code,
        latitude=round(chance.gauss(area.latitude, 0.004), 6),
        longitude=round(chance.gauss(area.longitude, 0.004), 6),
        phone=_phone(city.country),
        website=f"https://{_slug(name)}.example/",
        time_zone=city.zone.key,
        currency=city.currency,
        search_text=searchable(name, city.name),
    )
    shop = Shop(vendor, city, area, trade, locales, staff=[])
    town.shops.append(shop)
    hire(chance, town, shop, owner, MemberRole.OWNER)
    return shop


def hire(chance: Chance, town: Town, shop: Shop, person: User, role: MemberRole) -> None:
    since = max(shop.vendor.created_at, person.created_at)
    town.members.append(
        VendorMember(
            id=chance.id_at(since),
            created_at=since,
            vendor_id=shop.vendor.id,
            user_id=person.id,
            role=role,
        )
    )
    shop.staff.append(person.id)


def _spread(chance: Chance, count: int) -> Iterator[tuple[City, Trade]]:
    """Cities in turn; within a country every trade once before any comes again."""
    left: dict[str, list[Trade]] = {country: [] for country in TRADES}
    for turn in range(count):
        city = CITIES[turn % len(CITIES)]
        trades = left[city.country]
        if not trades:
            trades.extend(chance.sample(TRADES[city.country], len(TRADES[city.country])))
        yield city, trades.pop()


def _draw_name(chance: Chance, city: City, trade: Trade, taken: set[str]) -> str:
    while True:
        stem = chance.choice([*city.stems, *city.stems, *STEMS[city.country].split(", ")])
        name = chance.choice(trade.signs).replace("*", stem)
        if name not in taken:
            taken.add(name)
            return name


def _draw_locales(chance: Chance, city: City) -> tuple[str, str]:
    """The vendor's own language, then the other."""
    main, tongue = ("de" if city.country == "DE" else "en"), chance.choice(city.tongues)
    return (tongue, main) if chance.happens(LOCAL_SHARE[city.country]) else (main, tongue)


@cache
def _phone(country: str) -> str:
    """The number that the plan of a country gives as an example; it is nobody's."""
    example = phonenumbers.example_number(country)
    assert example  # noqa: S101 - every country of the town has a plan
    return phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)


def _slug(name: str) -> str:
    plain = searchable(name).encode("ascii", "ignore").decode()
    return "-".join(re.findall(r"[a-z0-9]+", plain))
