"""The price of holds in checkouts: each line of a hold becomes a line of the order."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from core.clock import now
from core.statements.statement import Statement, any_of
from core.statements.units import UnitOfWork, connection_of
from models.catalog.products import TaxClass
from models.categories import Category
from models.checkouts import CheckoutProblem, ProblemCode
from models.events.dates import OVER, EventDate
from models.events.events import Event
from models.events.questions import EventQuestion
from models.events.selling.holds import HoldLine, HoldState, TicketHold
from models.events.ticket_types import TicketType
from models.orders.lines import LineKind
from models.pricing.lines import Line
from models.vendors import Vendor, VendorStatus
from services.events.access import SHOWN
from services.events.questions.of_holds import find_unanswered
from services.orders.dates import describe_date
from services.orders.kinds import Priced, Sellable, Wanted
from services.stock.goods import CATEGORIES, with_ancestors
from services.viewer import Viewer

COLUMNS: list[Any] = [
    col(HoldLine.id),
    col(HoldLine.hold_id),
    col(HoldLine.quantity),
    col(HoldLine.price),
    col(TicketHold.vendor_id),
    col(TicketHold.user_id),
    col(TicketHold.currency),
    (col(TicketHold.state) == HoldState.OPEN).label("is_open"),
    col(TicketHold.promo_code_id),
    col(TicketType.needs_code),
    col(TicketHold.expires_at),
    (
        (col(Vendor.status) == VendorStatus.APPROVED)
        & col(Event.state).in_(SHOWN)
        & col(EventDate.state).not_in(OVER)
    ).label("is_sold"),
    col(EventDate.local_start),
    col(Event.locale),
    col(Event.title),
    col(TicketType.locale).label("type_locale"),
    col(TicketType.name),
    col(TicketType.tax_class),
    col(TicketType.hsn_code),
    col(Category.path),
    select(EventQuestion.id)
    .where(
        EventQuestion.event_id == Event.id,
        col(EventQuestion.active),
        col(EventQuestion.required),
    )
    .correlate(Event)
    .exists()
    .label("asks"),
]
HELD = Statement(
    select(*COLUMNS)
    .join(TicketHold, col(TicketHold.id) == col(HoldLine.hold_id))
    .join(EventDate, col(EventDate.id) == col(TicketHold.event_date_id))
    .join(Event, col(Event.id) == col(EventDate.event_id))
    .join(Vendor, col(Vendor.id) == col(TicketHold.vendor_id))
    .join(TicketType, col(TicketType.id) == col(HoldLine.ticket_type_id))
    .join(Category, col(Category.id) == col(Event.category_id))
    .where(any_of(col(HoldLine.hold_id)))
    .order_by(col(HoldLine.hold_id), col(HoldLine.position))
)


async def price_holds(unit: UnitOfWork, viewer: Viewer, wanted: Sequence[Wanted]) -> Priced:
    """Price open holds of the viewer as they were held.

    It takes two statements, and one more for events with questions that need an answer.
    """
    connection, user_id, moment = await connection_of(unit), viewer.require_user(), now()
    rows: Any = await HELD.fetch(connection, keys=[one.ref_id for one in wanted])
    by_hold: defaultdict[UUID, list[Any]] = defaultdict(list)
    for row in rows:
        if row["user_id"] == user_id and row["is_sold"]:
            by_hold[row["hold_id"]].append(row)
    paths = {path for row in rows for path in with_ancestors(row["path"])}
    categories = await CATEGORIES.fetch(connection, paths=sorted(paths))
    category_ids = {row["path"]: row["id"] for row in categories}
    asked = {row["hold_id"] for row in rows if row["asks"]}
    unanswered = await find_unanswered(unit, sorted(asked)) if asked else set()
    sellable: list[Sellable] = []
    problems: list[CheckoutProblem] = []
    for hold_id in (one.ref_id for one in wanted):
        of_hold = by_hold[hold_id]
        if not of_hold:
            problems.append(CheckoutProblem(ProblemCode.NOT_SOLD, hold_id=hold_id))
        elif not of_hold[0]["is_open"] or of_hold[0]["expires_at"] <= moment:
            problems.append(CheckoutProblem(ProblemCode.HOLD_EXPIRED, hold_id=hold_id))
        else:
            if hold_id in unanswered:
                problems.append(CheckoutProblem(ProblemCode.ANSWERS_MISSING, hold_id=hold_id))
            sellable += [_sellable(row, category_ids) for row in of_hold]
    return Priced(sellable, problems)


def _sellable(row: Mapping[str, Any], category_ids: Mapping[str, UUID]) -> Sellable:
    tax_class = TaxClass(row["tax_class"])
    line = Line(
        id=row["id"],
        vendor_id=row["vendor_id"],
        unit=row["price"],
        quantity=row["quantity"],
        category_ids=frozenset(category_ids[path] for path in with_ancestors(row["path"])),
        tax_class=tax_class,
        delivered=False,
    )
    return Sellable(
        kind=LineKind.TICKET,
        ref_id=row["id"],
        line=line,
        currency=row["currency"],
        locale=row["locale"],
        title=_titles(row),
        tax_class=tax_class,
        options=[describe_date(row["locale"], row["local_start"])],
        hsn_code=row["hsn_code"],
        unlocked_by=row["promo_code_id"] if row["needs_code"] else None,
    )


def _titles(row: Mapping[str, Any]) -> dict[str, str]:
    """Return the title of the event with the name of the ticket type, in each language."""
    names: Mapping[str, str] = row["name"]
    own = names[row["type_locale"]]
    return {tag: f"{title} · {names.get(tag, own)}" for tag, title in row["title"].items()}
