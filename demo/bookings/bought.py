"""Adds a booking of the demo customer whose deposit was paid by an order."""

from datetime import timedelta

from core.security.sealed import Sealer
from core.security.signing_keys import SigningKeys
from demo.bookings.clinic import RAO, THEATRE
from demo.bookings.practices import Practice
from demo.bookings.visits import VisitPlan, book
from demo.dataset import Dataset
from demo.identity.accounts import CUSTOMER
from demo.orders.quotes import quote
from demo.orders.seed import HOURS_TO_PAY, place_order
from demo.rng import SeededRandom
from models.addresses import PostalAddress
from models.bookings.bookings import Booking
from models.bookings.setting_up.services import Service
from models.orders.lines import LineKind
from models.pets.pets import Pet
from models.pricing.lines import Line
from models.sealed_columns import sealed_name
from services.orders.dates import describe_date
from services.orders.kinds import Sellable

SEED = 560116
DAYS, CLOCK = 6, "11:00"  # the working day of the visit
PLACED = timedelta(hours=26)  # ago
DEPOSIT = {"en": "Deposit", "hi": "अग्रिम राशि"}


def seed_booking_orders(dataset: Dataset, keys: SigningKeys) -> None:
    """Order a treatment whose deposit is paid, and seal answers and the names of guests."""
    rng, sealer, customer = SeededRandom(SEED), Sealer(keys), dataset.user_of(CUSTOMER)
    clinic, placed = dataset.practices[0], dataset.now - PLACED
    dog = next(
        one
        for one in dataset.booking_rows
        if isinstance(one, Pet) and one.user_id == customer.id and one.species == "dog"
    )
    place = VisitPlan(RAO, clinic.work_day(RAO, DAYS), CLOCK, [THEATRE])
    booking = book(
        clinic, "dental", place, customer, pet=dog, created_at=placed - timedelta(minutes=4)
    )
    _pay(rng, dataset, sealer, clinic, booking)
    for answer, value in clinic.answers:
        answer.seal_value(sealer, value)
    for visit, name in clinic.guests:
        visit.guest_name = sealer.seal(sealed_name(visit, "guest_name"), visit.id, name.encode())


def _pay(
    rng: SeededRandom, dataset: Dataset, sealer: Sealer, clinic: Practice, booking: Booking
) -> None:
    """Order what is due online of a booking, and pay it."""
    placed = dataset.now - PLACED
    saved = next(
        one
        for one in dataset.addresses
        if one.row.user_id == booking.user_id and one.row.is_default
    )
    address = PostalAddress(saved.draft.country, saved.draft.details())
    service = next(one for one in clinic.services.values() if one.id == booking.service_id)
    quoted = quote(dataset, [_sellable(service, booking)], address, placed)
    assert quoted  # noqa: S101 - visits are not delivered, and the taxes of the clinic are known
    history = place_order(rng, dataset, sealer, saved, address, quoted, placed)
    history.wait(HOURS_TO_PAY)
    history.pay()
    for part in history.parts:
        history.ship_on_site(part)
    (line,) = history.demo.rows.lines
    booking.order_line_id, booking.paid_online = line.id, line.total
    booking.confirmed_at = history.time


def _sellable(service: Service, booking: Booking) -> Sellable:
    """Return a booking as orders sell it."""
    return Sellable(
        kind=LineKind.BOOKING,
        ref_id=booking.id,
        line=Line(
            id=booking.id,
            vendor_id=booking.vendor_id,
            unit=booking.due_online,
            quantity=1,
            category_ids=frozenset(),
            tax_class=service.tax_class,
            delivered=False,
        ),
        currency=booking.currency,
        locale=service.locale,
        title={tag: f"{name} · {DEPOSIT[tag]}" for tag, name in service.name.items()},
        tax_class=service.tax_class,
        options=[describe_date(service.locale, booking.local_start)],
    )
