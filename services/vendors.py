"""Vendors and their members."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, SQLColumnExpression, String, Uuid, bindparam
from sqlalchemy.types import TypeEngine
from sqlmodel import any_, col, func, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core import postal_codes
from core.database import for_change, for_reliance
from core.keyset import Listing, Ordering, newest_first
from core.search_text import searchable
from core.statements.pages import PageStatements
from core.statements.parameters import given, placeholders
from core.statements.shared_reads import Question, SharedReads
from core.statements.statement import KEYS, Statement, any_of, columns_of
from core.statements.units import PreparedTransaction
from models.audit import AuditAct
from models.errors import InvalidInput, NotFound
from models.identity.accounts import User
from models.pictures import PictureDraft
from models.vendors import (
    LastOwner,
    MemberRole,
    Vendor,
    VendorDraft,
    VendorMember,
    VendorPatch,
    VendorStatus,
    ensure_postal_code,
)
from services import idempotency, jobs
from services.audit import entries as audit
from services.categories.queries import ensure_category_can_be_chosen, subtree
from services.journal import append as journal
from services.journal.entries import Entry
from services.journal.topics import vendor_topic
from services.pictures import set_vendor_images
from services.search import by_similarity
from services.viewer import Viewer

# A user by id, or by the normal form of the email address.
Account = UUID | str
# A user by id, or a column of user ids in a statement that checks many users at once.
UserRef = UUID | SQLColumnExpression[UUID] | None


@dataclass(frozen=True)
class VendorUpdated(Entry, kind="vendor.updated"):
    vendor_id: UUID


@dataclass(frozen=True)
class VendorFilter:
    """Conditions on a list of vendors. None is no condition."""

    category_id: UUID | None = None
    country: str | None = None
    pin_code: str | None = None
    search: str | None = None


# The conditions of a filter whose values are parameters of its statements.
PARAMETERS: Mapping[str, TypeEngine[Any]] = {
    "category_id": Uuid(),
    "country": String(),
    "pin_code": String(),
}
MAX_SHAPES = 64  # of lists whose statements are kept


def member_vendor_ids(user: UserRef) -> SelectOfScalar[UUID]:
    """Select a user's vendors. See `exists_in` for the correlation."""
    rows = select(VendorMember.vendor_id).where(col(VendorMember.user_id) == user)
    return rows.correlate_except(VendorMember)


VENDORS_OF = Question(
    Statement(
        select(VendorMember.user_id, VendorMember.vendor_id).where(
            any_of(col(VendorMember.user_id))
        )
    ),
    parameters=(KEYS,),
)


async def find_vendors_of(reads: SharedReads, user_id: UUID) -> list[UUID]:
    """Return the ids of a user's vendors."""
    found = await reads.ask(VENDORS_OF, [(user_id,)])
    return [row["vendor_id"] for row in found.get((user_id,), [])]


def works_at(user: UserRef, vendor_id: SQLColumnExpression[UUID]) -> ColumnElement[bool]:
    """Match rows of vendors that a user is a member of.

    An array and not IN: next to an OR, PostgreSQL uses no index of `vendor_id` for a subquery.
    """
    return vendor_id == any_(func.array(member_vendor_ids(user).scalar_subquery()))


def visible_vendors(viewer: Viewer) -> SelectOfScalar[Vendor]:
    """Select approved vendors, and the viewer's own. Admins see all."""
    approved = Vendor.status == VendorStatus.APPROVED
    if viewer.admin:
        return select(Vendor)
    if viewer.user_id is None:
        return select(Vendor).where(approved)
    return select(Vendor).where(or_(approved, works_at(viewer.user_id, col(Vendor.id))))


async def access_vendor(
    session: AsyncSession,
    viewer: Viewer,
    vendor_id: UUID,
    role: MemberRole,
    *,
    change: bool = False,
) -> Vendor:
    """Return a vendor where the viewer has at least this role, locked to change it or shared.

    Raises `NotFound` if the vendor doesn't exist or the role is lower.
    """
    member = await find_member(session, viewer, vendor_id)
    if member is None or not member.role.covers(role):
        raise NotFound
    rows = select(Vendor).where(Vendor.id == vendor_id)
    return (await session.exec(for_change(rows) if change else for_reliance(rows))).one()


@cache
def _relied_on_by(role: MemberRole) -> Statement[Vendor]:
    """Return the statement that locks a vendor where a user has at least this role."""
    sufficient = [one for one in MemberRole if one.covers(role)]
    rows = (
        select(*columns_of(Vendor))
        .join(VendorMember, col(VendorMember.vendor_id) == Vendor.id)
        .where(
            col(Vendor.id) == bindparam("vendor_id"),
            col(VendorMember.user_id) == bindparam("user_id"),
            col(VendorMember.role).in_(sufficient),
        )
    )
    return Statement(for_reliance(rows, of=Vendor), Vendor)


async def rely_on_vendor(
    unit: PreparedTransaction, viewer: Viewer, vendor_id: UUID, role: MemberRole
) -> Vendor:
    """Return a vendor as `access_vendor` does, with the lock shared, by a prepared statement."""
    vendor = await _relied_on_by(role).fetch_one(
        unit.connection, vendor_id=vendor_id, user_id=viewer.require_user()
    )
    if vendor is None:
        raise NotFound
    return vendor


async def find_member(
    session: AsyncSession, viewer: Viewer, vendor_id: UUID
) -> VendorMember | None:
    return (
        await session.exec(
            select(VendorMember).where(
                VendorMember.vendor_id == vendor_id, VendorMember.user_id == viewer.require_user()
            )
        )
    ).first()


def list_members(vendor_id: UUID) -> Listing[VendorMember]:
    rows = _members(vendor_id)
    joined = VendorMember.created_at
    return Listing(rows, Ordering("members", joined, VendorMember.id, datetime.fromisoformat))


async def create_vendor(
    session: AsyncSession,
    viewer: Viewer,
    draft: VendorDraft,
    *,
    owner: Account,
    category_id: UUID,
    idempotency_key: str,
) -> Vendor:
    """Create an approved vendor with its owner, once per idempotency key.

    Raises `InvalidInput` if the owner, the category or the postal code does not exist.
    """
    viewer.require_admin()
    given = {"draft": draft.model_dump(), "owner": owner, "category_id": category_id}
    claimed = await idempotency.claim(session, viewer, "createVendor", idempotency_key, **given)
    if claimed.replayed:
        return await session.get_one(Vendor, claimed.replayed)
    ensure_postal_code(draft.pin_code, draft.country, field=["pinCode"])
    await ensure_category_can_be_chosen(session, category_id)
    user = await _find_account(session, owner, field="owner")
    vendor = Vendor(
        category_id=category_id,
        status=VendorStatus.APPROVED,
        search_text=searchable(draft.name, draft.city),
        **draft.model_dump(),
    )
    session.add(vendor)
    audit.append(session, viewer, AuditAct.CREATE_VENDOR, subject_id=vendor.id)
    _join(session, viewer, vendor.id, user.id, MemberRole.OWNER)
    await idempotency.record_result(session, claimed, vendor.id)
    return vendor


async def add_vendor_member(
    session: AsyncSession, viewer: Viewer, *, vendor_id: UUID, account: Account, role: MemberRole
) -> Vendor:
    """Add a user to a vendor, or change their role there. Raises `LastOwner`."""
    viewer.require_admin()
    vendor = await _lock_vendor(session, vendor_id)
    user = await _find_account(session, account, field="user")
    members = (await session.exec(_members(vendor_id))).all()
    member = next((one for one in members if one.user_id == user.id), None)
    if member is None:
        _join(session, viewer, vendor_id, user.id, role)
    elif member.role is not role:
        if role is not MemberRole.OWNER:
            _ensure_owner_left(members, member)
        member.role = role
        audit.append(session, viewer, AuditAct.ADD_MEMBER, subject_id=user.id)
    return vendor


async def remove_vendor_member(
    session: AsyncSession, viewer: Viewer, *, vendor_id: UUID, user_id: UUID
) -> Vendor:
    """Remove a member of a vendor. Raises `NotFound` and `LastOwner`."""
    viewer.require_admin()
    vendor = await _lock_vendor(session, vendor_id)
    members = (await session.exec(_members(vendor_id))).all()
    member = next((one for one in members if one.user_id == user_id), None)
    if member is None:
        raise NotFound
    _ensure_owner_left(members, member)
    await session.delete(member)
    audit.append(session, viewer, AuditAct.REMOVE_MEMBER, subject_id=user_id)
    return vendor


def search_vendors(
    viewer: Viewer, wanted: VendorFilter, *, newest: bool = False
) -> Listing[Vendor]:
    """Search vendors. A text search orders by similarity, otherwise by name or creation."""
    if wanted.pin_code is not None:
        wanted = replace(wanted, pin_code=postal_codes.normalize(wanted.pin_code))
    if wanted.search is not None:
        rows = visible_vendors(viewer).where(*_conditions(wanted))
        return by_similarity(rows, Vendor, wanted.search)
    values = given(wanted, PARAMETERS)
    return _statements(viewer.kind, tuple(values), newest).listing(viewer.parameters | values)


@lru_cache(maxsize=MAX_SHAPES)
def _statements(viewer: Viewer, names: tuple[str, ...], newest: bool) -> PageStatements[Vendor]:
    """Write the statements for conditions. `names` are at most 3, of PARAMETERS."""
    wanted = VendorFilter(**placeholders(names, PARAMETERS))
    rows = visible_vendors(viewer).where(*_conditions(wanted))
    by_name = Ordering("name", Vendor.name, Vendor.id, str)
    return PageStatements(Listing(rows, newest_first(Vendor) if newest else by_name))


def _conditions(wanted: VendorFilter) -> Iterator[ColumnElement[bool] | bool]:
    if wanted.category_id is not None:
        yield col(Vendor.category_id).in_(subtree(wanted.category_id))
    if wanted.country is not None:
        yield Vendor.country == wanted.country
    if wanted.pin_code is not None:
        yield Vendor.pin_code == wanted.pin_code


async def update_vendor(
    session: AsyncSession,
    viewer: Viewer,
    *,
    vendor_id: UUID,
    patch: VendorPatch,
    images: Mapping[str, Sequence[PictureDraft]],
) -> Vendor:
    """Change the values set in the patch, and replace the pictures in the given fields.

    For owners and managers. The vendor is locked, so that of two requests at once the later one
    wins field by field.
    """
    vendor = await access_vendor(session, viewer, vendor_id, MemberRole.MANAGER, change=True)
    city = vendor.city
    for column, value in patch.columns(vendor.country).items():
        setattr(vendor, column, value)
    await set_vendor_images(session, viewer, vendor.id, images)
    if vendor.city != city:
        vendor.search_text = searchable(vendor.name, vendor.city)
        await jobs.defer(session, "index_offers", vendor_id=vendor.id)
    audit.append(session, viewer, AuditAct.UPDATE_VENDOR, subject_id=vendor.id)
    journal.append(session, VendorUpdated(vendor.id), to=[vendor_topic(vendor.id)])
    return vendor


def _members(vendor_id: UUID) -> SelectOfScalar[VendorMember]:
    return select(VendorMember).where(VendorMember.vendor_id == vendor_id)


async def _lock_vendor(session: AsyncSession, vendor_id: UUID) -> Vendor:
    """Return a vendor, locked so that its members change one at a time. Raises `NotFound`."""
    rows = select(Vendor).where(Vendor.id == vendor_id)
    vendor = (await session.exec(for_change(rows))).first()
    if vendor is None:
        raise NotFound
    return vendor


async def _find_account(session: AsyncSession, account: Account, *, field: str) -> User:
    """Return the user. Raises `InvalidInput` for this field of the input."""
    matches = User.id == account if isinstance(account, UUID) else User.email == account
    user = (await session.exec(select(User).where(matches))).first()
    if user is None:
        raise InvalidInput(
            "There is no such account. The person must register first.", field=[field]
        )
    return user


def _join(
    session: AsyncSession, viewer: Viewer, vendor_id: UUID, user_id: UUID, role: MemberRole
) -> None:
    session.add(VendorMember(vendor_id=vendor_id, user_id=user_id, role=role))
    audit.append(session, viewer, AuditAct.ADD_MEMBER, subject_id=user_id)


def _ensure_owner_left(members: Sequence[VendorMember], leaving: VendorMember) -> None:
    """Raise `LastOwner` if a vendor has no other owner."""
    if not any(one.role is MemberRole.OWNER for one in members if one is not leaving):
        raise LastOwner
