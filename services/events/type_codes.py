"""Promo codes that unlock hidden ticket types. Orders count their uses, also without a discount."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import for_reliance
from models.errors import NotFound
from models.events.selling.holds import HoldLine, TicketHold
from models.events.ticket_types import TicketType, TypeCode
from models.promos.codes import PromoCode
from services.events.access import access_managed_type
from services.events.announcing import announce_event
from services.promos.access import visible_promo_codes
from services.viewer import Viewer


async def set_type_codes(
    session: AsyncSession, viewer: Viewer, *, ticket_type_id: UUID, promo_code_ids: Collection[UUID]
) -> TicketType:
    """Replace the codes that unlock a ticket type. Raises `NotFound` for one of another vendor.

    Whether the type needs one of them is a value of the type.
    """
    event, ticket_type = await access_managed_type(session, viewer, ticket_type_id)
    event.ensure_editable()
    wanted = set(promo_code_ids)
    rows = visible_promo_codes(viewer).where(
        PromoCode.vendor_id == event.vendor_id, col(PromoCode.id).in_(wanted)
    )
    found = (await session.exec(for_reliance(rows.order_by(col(PromoCode.id))))).all()
    if {one.id for one in found} != wanted:
        raise NotFound(field=["promoCodeIds"])
    current = col(TypeCode.ticket_type_id) == ticket_type_id
    await session.exec(delete(TypeCode).where(current))
    session.add_all(TypeCode(ticket_type_id=ticket_type_id, promo_code_id=id) for id in wanted)
    announce_event(session, event)
    return ticket_type


async def find_unlocking_codes(session: AsyncSession, order_id: UUID) -> Sequence[UUID]:
    """Return the codes that tickets of an order are sold with alone."""
    rows = (
        select(TicketHold.promo_code_id)
        .join(HoldLine, col(HoldLine.hold_id) == col(TicketHold.id))
        .join(TicketType, col(TicketType.id) == col(HoldLine.ticket_type_id))
        .where(TicketHold.order_id == order_id, col(TicketType.needs_code))
        .distinct()
    )
    return [id for id in (await session.exec(rows)).all() if id is not None]
