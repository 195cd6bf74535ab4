"""Delivery zones and rates: set by a vendor's managers, seen with the vendor."""

from collections.abc import Sequence
from typing import Any, TypeVar
from uuid import UUID

from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.ids import new_id
from models.audit import AuditAct
from models.members import Permission
from models.shipping.zones import RateDraft, ShippingRate, ShippingZone, ZoneDraft
from models.vendors import Vendor
from services.audit import entries as audit
from services.vendors.access import access_vendor, visible_vendors
from services.viewer import Viewer

Named = TypeVar("Named", ShippingZone, ShippingRate)


def visible_shipping_zones(viewer: Viewer) -> SelectOfScalar[ShippingZone]:
    """Select the zones of vendors that the viewer sees."""
    vendor_ids = visible_vendors(viewer).with_only_columns(col(Vendor.id))
    return select(ShippingZone).where(col(ShippingZone.vendor_id).in_(vendor_ids))


def visible_shipping_rates(viewer: Viewer) -> SelectOfScalar[ShippingRate]:
    """Select the rates of vendors that the viewer sees."""
    vendor_ids = visible_vendors(viewer).with_only_columns(col(Vendor.id))
    return select(ShippingRate).where(col(ShippingRate.vendor_id).in_(vendor_ids))


async def set_shipping_zones(
    session: AsyncSession, viewer: Viewer, *, vendor_id: UUID, zones: Sequence[ZoneDraft]
) -> Vendor:
    """Replace the zones of a vendor, and their rates.

    Zones, and the rates of each, keep their id with their name, so that checkouts keep the rate
    that was chosen. The vendor is locked, so that of two requests at once the later one wins.
    """
    permission = Permission.EDIT_SHIPPING
    vendor = await access_vendor(session, viewer, vendor_id, permission, change=True)
    known_zones, known_rates = await _load(session, vendor_id)
    kept: set[UUID] = set()
    for position, draft in enumerate(zones):
        zone = known_zones.get(draft.name) or ShippingZone(
            id=new_id(),
            vendor_id=vendor_id,
            name=draft.name,
            position=0,
            countries=[],
            pin_prefixes=[],
        )
        zone.sqlmodel_update({"position": position, **draft.columns()})
        session.add(zone)
        of_zone = {rate.name: rate for rate in known_rates if rate.zone_id == zone.id}
        rates = _merge_rates(zone, of_zone, draft.rates)
        session.add_all(rates)
        kept |= {zone.id, *(rate.id for rate in rates)}
    await _delete(session, ShippingRate, {rate.id for rate in known_rates} - kept)
    await _delete(session, ShippingZone, {zone.id for zone in known_zones.values()} - kept)
    audit.append(session, viewer, AuditAct.SET_SHIPPING_ZONES, subject_id=vendor_id)
    return vendor


def _merge_rates(
    zone: ShippingZone, known: dict[str, ShippingRate], drafts: Sequence[RateDraft]
) -> list[ShippingRate]:
    """Return the rates of a zone: known ones by name with the new values, and new ones."""
    rates = []
    for position, draft in enumerate(drafts):
        values: dict[str, Any] = {"position": position, **draft.columns()}
        rate = known.get(draft.name)
        if rate is None:
            of: dict[str, Any] = {
                "zone_id": zone.id,
                "vendor_id": zone.vendor_id,
                "name": draft.name,
            }
            rate = ShippingRate(**(of | values))
        else:
            rate.sqlmodel_update(values)
        rates.append(rate)
    return rates


async def _load(
    session: AsyncSession, vendor_id: UUID
) -> tuple[dict[str, ShippingZone], list[ShippingRate]]:
    zones = await session.exec(select(ShippingZone).where(ShippingZone.vendor_id == vendor_id))
    rates = await session.exec(select(ShippingRate).where(ShippingRate.vendor_id == vendor_id))
    return {zone.name: zone for zone in zones}, list(rates)


async def _delete(session: AsyncSession, table: type[Named], ids: set[UUID]) -> None:
    if ids:
        await session.exec(delete(table).where(col(table.id).in_(ids)))
