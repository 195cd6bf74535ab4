"""Loaders of vendors."""

from sqlmodel import col

from core.statements.selected import AnySelect, Selected, select_columns
from core.statements.statement import Statement, any_of
from engine.loaders import by_id, children, grouped, of_viewer, one_each, visible
from models.offers.offers import Offer
from models.vendors import Vendor, VendorMember
from services.offers.offers import live_offers
from services.vendors.access import visible_vendors
from services.viewer import VIEWER_ID

_OWN_MEMBERSHIPS = select_columns(VendorMember).where(
    col(VendorMember.user_id) == VIEWER_ID, any_of(col(VendorMember.vendor_id))
)


def _vendors_of_users(_: object, selected: Selected | None) -> AnySelect:
    return (
        select_columns(Vendor, VendorMember.user_id, selected=selected)
        .join(VendorMember, col(VendorMember.vendor_id) == Vendor.id)
        .where(any_of(col(VendorMember.user_id)))
        .order_by(col(Vendor.name), col(Vendor.id))
    )


vendor_by_id = by_id(Vendor)
visible_vendor = visible(Vendor, visible_vendors)
live_offers_of_vendor = children(Offer, "vendor_id", lambda _: live_offers())
own_membership = of_viewer(one_each(Statement(_OWN_MEMBERSHIPS, VendorMember), "vendor_id"))
vendors_of_user = grouped(Vendor, "user_id", _vendors_of_users)
