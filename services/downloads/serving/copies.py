"""Copies of files with the mark of their buyer: made once for each right, by a job."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlmodel import col, or_, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_change
from core.errors import UserMessage
from core.security.sealed import Sealer
from models.downloads.assets import DigitalAsset
from models.downloads.grants import DownloadGrant
from models.identity.accounts import User
from models.orders.orders import Order, SubOrder
from services import jobs
from services.downloads.rights.ready import announce_if_ready
from services.i18n import translate
from services.identity.addresses.sealed_addresses import find_email

ASK_AGAIN = timedelta(minutes=1)  # a client that waits asks every few seconds


@dataclass(frozen=True)
class WantedCopy:
    """A file that is to be marked with a text, for a right."""

    grant_id: UUID
    object_key: str
    size: int
    version: int
    text: str


async def make_copy_later(session: AsyncSession, grant_id: UUID) -> None:
    """Have a copy made after the commit, unless that was asked for a moment ago."""
    asked = col(DownloadGrant.copy_asked_at)
    due = or_(asked.is_(None), asked < now() - ASK_AGAIN)
    asking = (
        update(DownloadGrant)
        .where(col(DownloadGrant.id) == grant_id, due)
        .values(copy_asked_at=now())
        .returning(col(DownloadGrant.id))
        .execution_options(synchronize_session=False)
    )
    if (await session.execute(asking)).first() is not None:
        await jobs.defer(session, "mark_copy", queue=jobs.PICTURES, grant_id=grant_id)


async def find_wanted(session: AsyncSession, sealer: Sealer, grant_id: UUID) -> WantedCopy | None:
    """Return the copy that a right lacks. None if it was made, or the right is gone or revoked."""
    rows = (
        select(DownloadGrant, DigitalAsset, Order, User)
        .join(DigitalAsset, col(DigitalAsset.id) == DownloadGrant.asset_id)
        .join(SubOrder, col(SubOrder.id) == DownloadGrant.suborder_id)
        .join(Order, col(Order.id) == SubOrder.order_id)
        .join(User, col(User.id) == DownloadGrant.user_id)
        .where(DownloadGrant.id == grant_id)
    )
    found = (await session.exec(rows)).first()
    if found is None:
        return None
    grant, asset, order, user = found
    if grant.revoked_at is not None or grant.is_prepared(asset):
        return None
    text = mark_text(user.name, find_email(sealer, user), order.number, user.locale)
    return WantedCopy(grant.id, asset.object_key, asset.size, asset.version, text)


async def record_copy(session: AsyncSession, wanted: WantedCopy, *, made: bool) -> None:
    """Note that a copy was written, or that none can be made.

    Does nothing if the file was replaced in the meantime: then another copy is made.
    """
    rows = select(DownloadGrant).where(DownloadGrant.id == wanted.grant_id)
    grant = (await session.exec(for_change(rows))).first()
    if grant is None or grant.revoked_at is not None:
        return
    asset = await session.get_one(DigitalAsset, grant.asset_id)
    if asset.version != wanted.version:
        grant.copy_asked_at = None
        await make_copy_later(session, grant.id)
        return
    grant.copy_version, grant.is_copied, grant.copy_asked_at = wanted.version, made, None
    await announce_if_ready(session, grant)


async def forget_copy(session: AsyncSession, grant_id: UUID) -> None:
    """Have a copy made again whose object is missing."""
    rows = select(DownloadGrant).where(DownloadGrant.id == grant_id)
    grant = (await session.exec(for_change(rows))).first()
    if grant is not None:
        grant.copy_version, grant.is_copied, grant.copy_asked_at = None, False, None
        await session.flush()
        await make_copy_later(session, grant_id)


async def may_keep_copies(session: AsyncSession, grant_id: UUID) -> bool:
    """Return whether a right can still be used, so that its copies stay."""
    grant = await session.get(DownloadGrant, grant_id)
    return grant is not None and grant.revoked_at is None


def mark_text(name: str, email: str | None, number: str, locale: str) -> str:
    """Return the line that a copy is marked with: the buyer knows it, and others learn little."""
    order = translate(UserMessage("Order {number}", number=number), [locale])
    parts = [mask_name(name), mask_email(email) if email else "", order]
    return " · ".join(part for part in parts if part)


def mask_name(name: str) -> str:
    """Return the first word, and the first letters of the others: Asha R."""
    first, *others = name.split() or [""]
    return " ".join([first, *(f"{word[0]}." for word in others)])


def mask_email(email: str) -> str:
    """Return the first letter of an address, and its domain: a***@example.com."""
    local, _, domain = email.rpartition("@")
    return f"{local[:1]}***@{domain}"
