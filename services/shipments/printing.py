"""The content of the papers of a shipment, for the members who pack it."""

from uuid import UUID
from zoneinfo import ZoneInfo

from babel.dates import format_date
from sqlmodel import and_, col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.database import exists_in
from core.security.sealed import Sealer
from models.addresses import PostalAddress, format_address
from models.base import localized
from models.errors import NotFound
from models.members import Permission
from models.orders.lines import OrderLine
from models.orders.orders import Order, SubOrder
from models.shipments import Shipment, ShipmentLine
from models.vendors import Vendor
from services.i18n import language_of
from services.shipments.papers import PaperLine, ParcelPaper
from services.vendors.access import works_at
from services.viewer import Viewer


def packed_suborders(viewer: Viewer) -> SelectOfScalar[SubOrder]:
    """Select the paid sub-orders of vendors whose orders the viewer may change. No others'."""
    this = col(Order.id) == col(SubOrder.order_id)
    confirmed = exists_in(Order, this, col(Order.confirmed_at).is_not(None))
    own = works_at(viewer.staff, col(SubOrder.vendor_id), Permission.EDIT_ORDERS)
    return select(SubOrder).where(and_(own, confirmed))


async def read_paper(
    session: AsyncSession, sealer: Sealer, viewer: Viewer, shipment_id: UUID, *, label: bool
) -> ParcelPaper:
    """Return what a label or a packing slip shows. Raises `NotFound`, also without an address.

    A pick-up has no label. The address is gone after the term of bookkeeping.
    """
    seen = packed_suborders(viewer).with_only_columns(col(SubOrder.id))
    rows = (
        select(Shipment, SubOrder, Order, Vendor)
        .join(SubOrder, col(SubOrder.id) == Shipment.suborder_id)
        .join(Order, col(Order.id) == SubOrder.order_id)
        .join(Vendor, col(Vendor.id) == SubOrder.vendor_id)
        .where(col(Shipment.id) == shipment_id, col(Shipment.suborder_id).in_(seen))
    )
    found = (await session.exec(rows)).first()
    if found is None:
        raise NotFound
    shipment, suborder, order, vendor = found
    recipient, phone, instructions = _open_address(sealer, order, suborder)
    if label and (suborder.is_pickup or not recipient):
        raise NotFound
    counted = select(func.count()).where(col(Shipment.suborder_id) == suborder.id)
    placed_on = order.created_at.astimezone(ZoneInfo(vendor.time_zone)).date()
    return ParcelPaper(
        locale=vendor.locale,
        sender=[vendor.name, *vendor.formatted],
        recipient=recipient,
        phone=phone,
        instructions=instructions,
        order_number=order.number,
        date=format_date(placed_on, "long", language_of([vendor.locale])),
        number=shipment.position + 1,
        parcels=(await session.exec(counted)).one(),
        carrier=shipment.carrier,
        tracking_number=shipment.tracking_number,
        lines=[] if label else await _find_lines(session, shipment.id, vendor.locale),
    )


def _open_address(
    sealer: Sealer, order: Order, suborder: SubOrder
) -> tuple[list[str], str | None, str | None]:
    """Return the lines, the phone number and the note for the carrier.

    There are none for a part without a delivery: the address is for another vendor. A pick-up has
    only who collects it.
    """
    if order.ship_to is None or suborder.rate_name is None:
        return [], None, None
    opened = PostalAddress.open(sealer, "order.ship_to", order.id, order.ship_to)
    if suborder.is_pickup:
        opened = opened.for_pickup
    details = opened.details
    return format_address(opened.country, details), details.phone, details.instructions


async def _find_lines(session: AsyncSession, shipment_id: UUID, locale: str) -> list[PaperLine]:
    rows = (
        select(ShipmentLine.quantity, OrderLine)
        .join(OrderLine, col(OrderLine.id) == ShipmentLine.line_id)
        .where(col(ShipmentLine.shipment_id) == shipment_id)
        .order_by(col(OrderLine.position))
    )
    return [
        PaperLine(quantity, localized(line.title, [locale], line.locale), line.detail(locale))
        for quantity, line in (await session.exec(rows)).all()
    ]
