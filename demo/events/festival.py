"""Seeds a festival in Germany: day tickets out of shared quotas, tiers, a code, and parking."""

from datetime import timedelta

from demo.dataset import Dataset
from demo.events.box_office import sell, sell_some
from demo.events.doors import DemoDoor, add_scanner
from demo.events.programme import DemoDate, Programme, add_event
from demo.events.questions import add_question
from demo.rng import SeededRandom
from models.events.check_in.lists import CheckInMode
from models.events.events import TransferPolicy
from models.events.ticket_types import TicketTypeKind, TypeCode
from models.identity.accounts import User
from models.pricing.discounts import PromoKind
from models.promos.codes import PromoCode
from models.questions import QuestionKind
from models.vendors import VendorStatus

COUNTRY, LOCALE = "DE", "de"
LAST, NEXT = -30, 40  # in days from today
MINUTES = 30 * 60
CODE, CODE_BPS = "HINTERHOF", 1_000
QUOTAS = {
    "friday": (300, ("friday", "weekend", "stage", "friends", "companion")),
    "saturday": (300, ("saturday", "weekend", "stage", "friends", "companion")),
    "stage": (60, ("stage",)),
    "parking": (30, ("parking",)),
}
SOLD = {
    LAST: {"friday": 12, "weekend": 26, "parking": 4},
    NEXT: {"friday": 18, "saturday": 24, "weekend": 40, "stage": 57, "parking": 11},
}
GUESTS = 4


def seed_festival(rng: SeededRandom, dataset: Dataset) -> Programme:
    vendor = next(
        one
        for one in dataset.vendors
        if one.row.country == COUNTRY
        and one.row.locale == LOCALE
        and one.row.status is VendorStatus.APPROVED
    )
    [seller] = [one for one in dataset.users if one.id == vendor.member_ids[0]]
    festival = add_event(
        rng,
        dataset,
        vendor,
        "festival",
        "leisure/",
        transfer=TransferPolicy.UNTIL,
        transfer_hours=2,
    )
    _add_types(rng, dataset, festival)
    scanner = add_scanner(rng, dataset, vendor, seller, "Tor 1", f"scan_{rng.getrandbits(256)}")
    for days, sold in SOLD.items():
        edition = festival.add_date(days, "16:00", MINUTES)
        for name, (capacity, types) in QUOTAS.items():
            edition.add_quota(name, capacity, types)
        for name, units in sold.items():
            sell_some(rng, edition, name, units, seller)
        _invite(rng, edition, seller)
        gates = {"Tor Nord": 0.6, "Tor Süd": 0.4}
        door = DemoDoor(rng, edition, "Gelände", gates, CheckInMode.REENTRY)
        if days < 0:
            door.let_in(scanner, seller)
    return festival


def _add_types(rng: SeededRandom, dataset: Dataset, festival: Programme) -> None:
    festival.add_type("friday", 45)
    festival.add_type("saturday", 52)
    weekend = festival.add_type("weekend", 85)
    festival.add_tier("weekend", "early", 65, dataset.now - timedelta(days=12))
    festival.add_tier("weekend", "presale", 75, dataset.now + timedelta(days=20))
    festival.add_type("stage", 120, max_per_order=4)
    friends = festival.add_type("friends", 60, needs_code=True, max_per_order=4)
    festival.add_type("companion", 0, companion_of_id=weekend.id)
    festival.add_type("parking", 15, kind=TicketTypeKind.ADD_ON, max_per_order=1)
    add_question(festival, "invited", QuestionKind.TEXT, "friends")
    since = festival.row.created_at
    code = PromoCode(
        id=rng.uuid7_at(since),
        created_at=since,
        vendor_id=festival.row.vendor_id,
        code=CODE,
        kind=PromoKind.PERCENT,
        value=CODE_BPS,
        currency=festival.row.currency,
        valid_from=since,
        per_user=2,
    )
    unlocks = TypeCode(ticket_type_id=friends.id, promo_code_id=code.id)
    dataset.event_rows += [code, unlocks]


def _invite(rng: SeededRandom, edition: DemoDate, seller: User) -> None:
    """Give some tickets away."""
    at = rng.between(*edition.sale)
    sell(rng, edition, "friends", GUESTS, at, seller, free=True)
