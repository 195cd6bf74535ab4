"""Access to wallets: a user's own, those of vendors for their owners and managers, all for admins.

A wallet is not a row: it is the accounts of an owner in one currency, and none before money came.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Mapped
from sqlmodel import any_, col, func, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.keyset import Listing, newest_first
from models.ledger.accounts import WALLET_KINDS, AccountKind, LedgerAccount, Wallet
from models.ledger.entries import LedgerEntry
from models.ledger.promo_money import PromoMoney
from models.members import Permission
from services.journal.topics import user_topic, vendor_topic
from services.ledger.accounts import SIDES
from services.vendors.access import works_at
from services.viewer import Viewer


def wallet_accounts() -> SelectOfScalar[LedgerAccount]:
    """Select the accounts of all wallets. The caller has authorized the viewer."""
    return select(LedgerAccount).where(col(LedgerAccount.kind).in_(WALLET_KINDS))


def visible_wallet_entries(viewer: Viewer) -> SelectOfScalar[LedgerEntry]:
    """Select the entries of the viewer's wallet, and of those of vendors that they manage."""
    accounts: Any = select(LedgerAccount.id).where(col(LedgerAccount.kind).in_(WALLET_KINDS))
    if not viewer.admin:
        owner_id: Any = LedgerAccount.owner_id
        at_vendor = works_at(viewer.staff, owner_id, Permission.SEE_WALLET)
        accounts = accounts.where(or_(owner_id == viewer.user_id, at_vendor))
    sides = (col(LedgerEntry.debit_id), col(LedgerEntry.credit_id))
    return select(LedgerEntry).where(or_(*(side.in_(accounts) for side in sides)))


def visible_promo_rows(viewer: Viewer) -> SelectOfScalar[PromoMoney]:
    """Select the promotional money of the viewer, and of vendors that they manage."""
    rows = select(PromoMoney)
    if viewer.admin:
        return rows
    owner_id: Any = PromoMoney.owner_id
    at_vendor = works_at(viewer.staff, owner_id, Permission.SEE_WALLET)
    return rows.where(or_(owner_id == viewer.user_id, at_vendor))


async def read_wallet(session: AsyncSession, viewer: Viewer, currency: str) -> Wallet:
    """Return the viewer's wallet in a currency, an empty one if there is none."""
    owner_id = viewer.require_user()
    rows = wallet_accounts().where(LedgerAccount.owner_id == owner_id)
    return Wallet.of(owner_id, currency, (await session.exec(rows)).all())


def list_wallet_entries(wallet: Wallet) -> Listing[LedgerEntry]:
    """List the entries of a wallet that the viewer may see, the newest first.

    Each side of each account is read by its index, so a page of a large wallet is as fast.
    """
    topic = vendor_topic if wallet.of_vendor else user_topic
    return Listing(
        select(LedgerEntry).where(or_(*(_is_of(side, wallet) for side in SIDES))),
        newest_first(LedgerEntry),
        topics=[topic(wallet.owner_id)],
        parts=[
            select(LedgerEntry.id).where(side == _account(wallet, kind))
            for kind in WALLET_KINDS
            for side in SIDES
        ],
    )


def _account(wallet: Wallet, kind: AccountKind) -> Any:
    """Return the id of one account of a wallet as a subquery, which is read first."""
    return (
        select(LedgerAccount.id)
        .where(
            LedgerAccount.kind == kind,
            LedgerAccount.owner_id == wallet.owner_id,
            LedgerAccount.currency == wallet.currency,
        )
        .scalar_subquery()
    )


def _is_of(side: Mapped[UUID], wallet: Wallet) -> ColumnElement[bool]:
    """Match a wallet's accounts, which are read first, so that the index of this side is used."""
    accounts = (
        select(LedgerAccount.id)
        .where(
            col(LedgerAccount.kind).in_(WALLET_KINDS),
            LedgerAccount.owner_id == wallet.owner_id,
            LedgerAccount.currency == wallet.currency,
        )
        .scalar_subquery()
    )
    return side == any_(func.array(accounts))
