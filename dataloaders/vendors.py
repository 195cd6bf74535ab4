"""Loaders of vendors."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import aliased
from sqlmodel import col, func, literal, or_, true

from core.database import exists_in
from core.statements.parameters import current_time
from core.statements.selected import AnySelect, Match, Selected, columns_of, select_columns
from core.statements.statement import Statement, any_of
from engine.loaders import (
    Loader,
    by_id,
    children,
    grouped,
    in_session,
    of_viewer,
    one_each,
    valued,
    visible,
)
from engine.reads.source import ReadSource
from models.offers.offers import Offer
from models.vendors import Vendor, VendorFollow, VendorMember
from models.vendors.commissions import VendorCommission
from models.vendors.hours import Opening, VendorDay, VendorHours, VendorOpen
from models.vendors.slugs import VendorSlug
from models.vendors.suspensions import VendorSuspension
from services.offers.offers import live_offers
from services.vendors.access import is_active_member, memberships_of, visible_vendors
from services.vendors.suspension_quotes import SuspensionQuote, quote_suspensions
from services.viewer import VIEWER_ID, VIEWER_STAFF

_OWN_MEMBERSHIPS = select_columns(VendorMember).where(
    memberships_of(VIEWER_STAFF), is_active_member(), any_of(col(VendorMember.vendor_id))
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


def _current_slugs(matches: Match) -> AnySelect:
    vendor_id = col(VendorSlug.vendor_id)
    current = col(VendorSlug.is_current)
    return select(vendor_id, col(VendorSlug.slug)).where(current, matches(vendor_id))


def _commissions(_: object, selected: Selected | None) -> AnySelect:
    """Select the current rates of vendors, and those that begin later."""
    other = aliased(VendorCommission)
    began = col(other.starts_at) <= current_time()
    current = (
        select(func.max(other.starts_at))
        .where(began, col(other.vendor_id) == VendorCommission.vendor_id)
        .scalar_subquery()
    )
    starts_at = col(VendorCommission.starts_at)
    return (
        select(*columns_of(VendorCommission, selected, "vendor_id"))
        .where(
            any_of(col(VendorCommission.vendor_id)),
            or_(starts_at > current_time(), starts_at == current),
        )
        .order_by(starts_at)
    )


def _weekly_hours(_: object, selected: Selected | None) -> AnySelect:
    day, minute = col(VendorHours.weekday), col(VendorHours.from_minute)
    columns = columns_of(VendorHours, selected, "vendor_id")
    of_vendors = any_of(col(VendorHours.vendor_id))
    return select(*columns).where(of_vendors).order_by(day, minute)


def _days(_: object, selected: Selected | None) -> AnySelect:
    columns = columns_of(VendorDay, selected, "vendor_id")
    of_vendors = any_of(col(VendorDay.vendor_id))
    return select(*columns).where(of_vendors).order_by(col(VendorDay.day))


_NEXT = (
    select(col(VendorOpen.starts_at), col(VendorOpen.ends_at))
    .where(col(VendorOpen.vendor_id) == Vendor.id, col(VendorOpen.ends_at) > current_time())
    .order_by(col(VendorOpen.starts_at))
    .limit(1)
    .lateral("next")
)
_OPENINGS: Statement[Any] = Statement(
    select(
        col(Vendor.id),
        or_(
            exists_in(VendorHours, VendorHours.vendor_id == Vendor.id),
            exists_in(VendorDay, VendorDay.vendor_id == Vendor.id),
        ).label("known"),
        _NEXT.c.starts_at,
        _NEXT.c.ends_at,
    )
    .select_from(Vendor)
    .outerjoin(_NEXT, true())
    .where(any_of(col(Vendor.id)))
)


async def _openings(source: ReadSource, vendor_ids: Sequence[UUID]) -> Mapping[UUID, Opening]:
    rows = await source.fetch(_OPENINGS, keys=vendor_ids)
    return {row["id"]: Opening(row["known"], row["starts_at"], row["ends_at"]) for row in rows}


_OPEN_SUSPENSIONS = select_columns(VendorSuspension).where(
    col(VendorSuspension.ended_at).is_(None), any_of(col(VendorSuspension.vendor_id))
)

vendor_by_id = by_id(Vendor)
visible_vendor = visible(Vendor, visible_vendors)
live_offers_of_vendor = children(Offer, "vendor_id", lambda _: live_offers())
own_membership = of_viewer(one_each(Statement(_OWN_MEMBERSHIPS, VendorMember), "vendor_id"))
_NO_QUOTE: SuspensionQuote | None = None
quote_of_suspension = Loader(in_session(quote_suspensions), _NO_QUOTE)
suspension_of_vendor = one_each(Statement(_OPEN_SUSPENSIONS, VendorSuspension), "vendor_id")
followed_by_viewer = of_viewer(valued(_own_follows, missing=False))
slug_of_vendor: Loader[UUID, str | None] = valued(_current_slugs, None)
commissions_of_vendor = grouped(VendorCommission, "vendor_id", _commissions)
weekly_hours_of_vendor = grouped(VendorHours, "vendor_id", _weekly_hours)
days_of_vendor = grouped(VendorDay, "vendor_id", _days)
opening_of_vendor: Loader[UUID, Opening] = Loader(_openings, Opening())
vendors_of_user = grouped(Vendor, "user_id", _vendors_of_users)
