"""Loaders of delivery zones and rates, those of vendors and zones that the viewer sees."""

from sqlalchemy import select
from sqlmodel import col

from core.statements.selected import AnySelect, Selected, columns_of
from core.statements.statement import any_of
from engine.loaders import grouped, visible
from models.shipping.zones import ShippingRate, ShippingZone
from services.shipping.zones import visible_shipping_rates, visible_shipping_zones


def _zones(_: object, selected: Selected | None) -> AnySelect:
    columns = columns_of(ShippingZone, selected, "vendor_id")
    rows = select(*columns).where(any_of(col(ShippingZone.vendor_id)))
    return rows.order_by(col(ShippingZone.position))


def _rates(_: object, selected: Selected | None) -> AnySelect:
    columns = columns_of(ShippingRate, selected, "zone_id")
    rows = select(*columns).where(any_of(col(ShippingRate.zone_id)))
    return rows.order_by(col(ShippingRate.position))


visible_shipping_zone = visible(ShippingZone, visible_shipping_zones)
visible_shipping_rate = visible(ShippingRate, visible_shipping_rates)
zones_of_vendor = grouped(ShippingZone, "vendor_id", _zones)
rates_of_zone = grouped(ShippingRate, "zone_id", _rates)
