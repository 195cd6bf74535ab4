"""Loaders of vendors."""

from sqlalchemy import select
from sqlmodel import col, literal

from core.statements.selected import AnySelect, Match, Selected, select_columns
from core.statements.statement import Statement, any_of
from engine.loaders import by_id, children, grouped, of_viewer, one_each, valued, visible
from models.offers.offers import Offer
from models.vendors import Vendor, VendorFollow, VendorMember, VendorSuspension
from services.offers.offers import live_offers
from services.vendors.access import memberships_of, visible_vendors
from services.viewer import VIEWER_ID, VIEWER_STAFF

_OWN_MEMBERSHIPS = select_columns(VendorMember).where(
    memberships_of(VIEWER_STAFF), any_of(col(VendorMember.vendor_id))
)


def _own_follows(matches: Match) -> AnySelect:
    vendor_id = col(VendorFollow.vendor_id)
    mine = col(VendorFollow.user_id) == VIEWER_ID
    return select(vendor_id, literal(True)).where(mine, matches(vendor_id))


def _vendors_of_users(_: object, selected: Selected | None) -> AnySelect:
    return (
        select_columns(Vendor, VendorMember.user_id, selected=selected)
        .join(VendorMember, col(VendorMember.vendor_id) == Vendor.id)
        .where(any_of(col(VendorMember.user_id)))
        .order_by(col(Vendor.name), col(Vendor.id))
    )


_OPEN_SUSPENSIONS = select_columns(VendorSuspension).where(
    col(VendorSuspension.ended_at).is_(None), any_of(col(VendorSuspension.vendor_id))
)

vendor_by_id = by_id(Vendor)
visible_vendor = visible(Vendor, visible_vendors)
live_offers_of_vendor = children(Offer, "vendor_id", lambda _: live_offers())
own_membership = of_viewer(one_each(Statement(_OWN_MEMBERSHIPS, VendorMember), "vendor_id"))
suspension_of_vendor = one_each(Statement(_OPEN_SUSPENSIONS, VendorSuspension), "vendor_id")
followed_by_viewer = of_viewer(valued(_own_follows, missing=False))
vendors_of_user = grouped(Vendor, "user_id", _vendors_of_users)
