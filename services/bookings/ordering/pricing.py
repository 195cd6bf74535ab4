"""The price of bookings in checkouts: what is paid online of each is a line of the order."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from core.clock import now
from core.errors import UserMessage
from core.statements.selected import columns_of
from core.statements.statement import Statement, any_of
from core.statements.units import UnitOfWork, connection_of
from models.bookings.bookings import Booking, BookingSource, BookingState
from models.bookings.setting_up.services import Service
from models.catalog.products import TaxClass
from models.checkouts import CheckoutProblem, ProblemCode
from models.orders.lines import LineKind
from models.pricing.lines import Line
from models.vendors import Vendor, VendorStatus
from services.bookings.intake.answering import lacks_answers
from services.bookings.ordering.balances import can_pay_balance
from services.i18n import translate
from services.orders.dates import describe_date
from services.orders.kinds import Priced, Sellable, Wanted
from services.viewer import Viewer

DEPOSIT = UserMessage("Deposit")
BALANCE = UserMessage("Rest of the price")
_COLUMNS: list[Any] = [
    *columns_of(Booking),
    col(Service.locale),
    col(Service.name),
    col(Service.tax_class),
    col(Service.hsn_code),
    (
        col(Service.needs_approval)
        & col(Booking.approved_at).is_(None)
        & (col(Booking.source) != BookingSource.DESK)
    ).label("needs_answer"),
    lacks_answers().label("lacks_answers"),
    (col(Vendor.status) == VendorStatus.APPROVED).label("is_sold"),
]
HELD = Statement(
    select(*_COLUMNS)
    .join(Service, col(Service.id) == col(Booking.service_id))
    .join(Vendor, col(Vendor.id) == col(Booking.vendor_id))
    .where(any_of(col(Booking.id))),
    Booking,
)


async def price_bookings(unit: UnitOfWork, viewer: Viewer, wanted: Sequence[Wanted]) -> Priced:
    """Price held bookings of the viewer as they were held, and the rest of confirmed ones.

    Takes one statement.
    """
    connection, user_id, moment = await connection_of(unit), viewer.require_user(), now()
    rows: Any = await HELD.fetch(connection, keys=[one.ref_id for one in wanted])
    found = {row["id"]: row for row in rows if row["user_id"] == user_id and row["is_sold"]}
    sellable: list[Sellable] = []
    problems: list[CheckoutProblem] = []
    for booking_id in (one.ref_id for one in wanted):
        problem = _problem_of(found.get(booking_id), moment)
        if problem is None:
            sellable.append(_sellable(found[booking_id]))
        else:
            problems.append(CheckoutProblem(problem, booking_id=booking_id))
    return Priced(sellable, problems)


def _problem_of(row: Any, moment: datetime) -> ProblemCode | None:
    if row is None:
        return ProblemCode.NOT_SOLD
    if row["state"] == BookingState.CONFIRMED:
        payable = can_pay_balance(row) and row["starts_at"] > moment
        return None if payable else ProblemCode.BOOKING_STATE
    if row["state"] != BookingState.HELD or row["expires_at"] <= moment:
        return ProblemCode.BOOKING_HOLD_EXPIRED
    if row["needs_answer"] or not row["due_online"]:
        return ProblemCode.BOOKING_STATE
    if row["lacks_answers"]:
        return ProblemCode.BOOKING_ANSWERS_MISSING
    return None


def _sellable(row: Any) -> Sellable:
    tax_class = TaxClass(row["tax_class"])
    line = Line(
        id=row["id"],
        vendor_id=row["vendor_id"],
        unit=row.due_at_visit if _is_confirmed(row) else row["due_online"],
        quantity=1,
        category_ids=frozenset[UUID](),
        tax_class=tax_class,
        delivered=False,
    )
    return Sellable(
        kind=LineKind.BOOKING,
        ref_id=row["id"],
        line=line,
        currency=row["currency"],
        locale=row["locale"],
        title=_titles(row),
        tax_class=tax_class,
        options=[describe_date(row["locale"], row["local_start"])],
        hsn_code=row["hsn_code"],
    )


def _titles(row: Mapping[str, Any]) -> dict[str, str]:
    """Return the name of the service in each language, and which part of the price it is."""
    names: dict[str, str] = row["name"]
    if row["due_online"] == row["price"] and not _is_confirmed(row):
        return names
    part = BALANCE if _is_confirmed(row) else DEPOSIT
    return {tag: f"{name} · {translate(part, [tag])}" for tag, name in names.items()}


def _is_confirmed(row: Mapping[str, Any]) -> bool:
    return BookingState(row["state"]) is BookingState.CONFIRMED
