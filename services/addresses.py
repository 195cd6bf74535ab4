"""Address books: each user keeps their own, and no one else sees it."""

from typing import Any
from uuid import UUID

from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.database import for_change
from core.ids import new_id
from core.keyset import Listing, newest_first
from core.security.sealed import Sealer
from models.addresses import (
    DETAILS_COLUMN,
    MAX_ADDRESSES,
    AddressLimitReached,
    SavedAddress,
    SavedAddressDraft,
    changed_draft_values,
)
from models.errors import NotFound
from models.identity.accounts import User
from models.validation import parse
from services import idempotency
from services.viewer import Viewer


def visible_addresses(viewer: Viewer) -> SelectOfScalar[SavedAddress]:
    """Select the viewer's addresses."""
    return select(SavedAddress).where(SavedAddress.user_id == viewer.user_id)


def list_addresses(viewer: Viewer) -> Listing[SavedAddress]:
    """List the viewer's addresses, the newest first."""
    viewer.require_user()
    return Listing(visible_addresses(viewer), newest_first(SavedAddress))


async def access_address(session: AsyncSession, viewer: Viewer, address_id: UUID) -> SavedAddress:
    viewer.require_user()
    rows = visible_addresses(viewer).where(SavedAddress.id == address_id)
    address = (await session.exec(rows)).first()
    if address is None:
        raise NotFound
    return address


async def create_address(
    session: AsyncSession,
    viewer: Viewer,
    sealer: Sealer,
    draft: SavedAddressDraft,
    *,
    is_default: bool,
    idempotency_key: str,
) -> SavedAddress:
    """Save an address, once per key. The first of a user is the default.

    Raises `AddressLimitReached`, and `InvalidInput` if it breaks the rules of its country.
    """
    given = sealer.hash(DETAILS_COLUMN, draft.model_dump_json()).hex()
    claimed = await idempotency.claim(
        session, viewer, "createAddress", idempotency_key, address=given, is_default=is_default
    )
    if claimed.replayed:
        return await access_address(session, viewer, claimed.replayed)
    known = await _lock_book(session, viewer)
    if len(known) >= MAX_ADDRESSES:
        raise AddressLimitReached(most=MAX_ADDRESSES)
    address = SavedAddress(id=new_id(), user_id=viewer.require_user(), country="", details=b"")
    address.seal_details(sealer, draft)
    if is_default or not known:
        await _make_default(session, known, address)
    session.add(address)
    await idempotency.record_result(session, claimed, address.id)
    return address


async def update_address(
    session: AsyncSession,
    viewer: Viewer,
    sealer: Sealer,
    *,
    address_id: UUID,
    given: dict[str, Any],
) -> SavedAddress:
    """Change the given values. The resulting address is validated as a whole."""
    address = _find(await _lock_book(session, viewer), address_id)
    values = changed_draft_values(address.country, address.open(sealer), given)
    address.seal_details(sealer, parse(SavedAddressDraft, **values))
    return address


async def set_default_address(
    session: AsyncSession, viewer: Viewer, *, address_id: UUID
) -> SavedAddress:
    known = await _lock_book(session, viewer)
    address = _find(known, address_id)
    await _make_default(session, known, address)
    return address


async def delete_address(session: AsyncSession, viewer: Viewer, *, address_id: UUID) -> None:
    """Delete an address. If it was the default, the newest of the others is it now."""
    known = await _lock_book(session, viewer)
    address = _find(known, address_id)
    await session.delete(address)
    await session.flush()
    others = [one for one in known if one is not address]
    if address.is_default and others:
        others[0].is_default = True


async def _lock_book(session: AsyncSession, viewer: Viewer) -> list[SavedAddress]:
    """Lock the user, so that requests at once neither exceed the limit nor make two defaults.

    Returns the user's addresses, the newest first.
    """
    user_id = viewer.require_user()
    await session.exec(for_change(select(User.id).where(User.id == user_id)))
    rows = visible_addresses(viewer).order_by(
        col(SavedAddress.created_at).desc(), col(SavedAddress.id).desc()
    )
    return list((await session.exec(rows)).all())


def _find(known: list[SavedAddress], address_id: UUID) -> SavedAddress:
    address = next((one for one in known if one.id == address_id), None)
    if address is None:
        raise NotFound
    return address


async def _make_default(
    session: AsyncSession, known: list[SavedAddress], address: SavedAddress
) -> None:
    """Make an address the default, after the former one is none: at most one at any time."""
    former = [one.id for one in known if one.is_default and one is not address]
    if former:
        changed = update(SavedAddress).where(col(SavedAddress.id).in_(former))
        await session.exec(changed.values(is_default=False))
    address.is_default = True
