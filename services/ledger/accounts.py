"""Accounts of the ledger and their entries, for admins."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Mapped
from sqlmodel import col, false, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.keyset import Listing, newest_first
from models.errors import NotFound
from models.ledger.accounts import AccountKind, LedgerAccount
from models.ledger.entries import LedgerEntry, PostingKind
from services.viewer import Viewer

SIDES: tuple[Mapped[UUID], ...] = (col(LedgerEntry.debit_id), col(LedgerEntry.credit_id))


@dataclass(frozen=True)
class AccountFilter:
    """Conditions on a list of accounts; all of them must hold. None is no condition."""

    kind: AccountKind | None = None
    owner_id: UUID | None = None
    currency: str | None = None


@dataclass(frozen=True)
class EntryFilter:
    """Conditions on the entries of an account; all of them must hold. None is no condition."""

    kind: PostingKind | None = None
    created_from: datetime | None = None
    created_before: datetime | None = None


def visible_accounts(viewer: Viewer) -> SelectOfScalar[LedgerAccount]:
    """Select accounts. Only signed-in admins see them."""
    rows = select(LedgerAccount)
    return rows if viewer.admin else rows.where(false())


def list_accounts(viewer: Viewer, wanted: AccountFilter) -> Listing[LedgerAccount]:
    """List accounts, those that were opened last first."""
    viewer.require_admin()
    rows = visible_accounts(viewer)
    for name, value in vars(wanted).items():
        if value is not None:
            rows = rows.where(getattr(LedgerAccount, name) == value)
    return Listing(rows, newest_first(LedgerAccount))


async def list_entries(
    session: AsyncSession, viewer: Viewer, account_id: UUID, wanted: EntryFilter
) -> Listing[LedgerEntry]:
    """List the entries of an account, the newest first. Raises `NotFound`.

    Both sides are read by an index of their own, so a page of the commission of years is as fast
    as one of a new account.
    """
    viewer.require_admin()
    if await session.get(LedgerAccount, account_id) is None:
        raise NotFound(field=["accountId"])
    conditions = [*_conditions(wanted)]
    return Listing(
        select(LedgerEntry).where(or_(*(side == account_id for side in SIDES)), *conditions),
        newest_first(LedgerEntry),
        parts=[select(LedgerEntry.id).where(side == account_id, *conditions) for side in SIDES],
    )


def _conditions(wanted: EntryFilter) -> list[Any]:
    conditions: list[Any] = []
    if wanted.kind is not None:
        conditions.append(col(LedgerEntry.posting).startswith(f"{wanted.kind.lower()}:"))
    if wanted.created_from is not None:
        conditions.append(LedgerEntry.created_at >= wanted.created_from)
    if wanted.created_before is not None:
        conditions.append(LedgerEntry.created_at < wanted.created_before)
    return conditions
