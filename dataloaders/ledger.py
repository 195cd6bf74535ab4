"""Loaders of wallets and adjustments."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from core.statements.selected import AnySelect, Selected, columns_of
from core.statements.statement import any_of
from engine.loaders import Loader, by_id, grouped, visible
from engine.reads.source import ReadSource
from models.ledger.accounts import LedgerAccount
from models.ledger.adjustments import LedgerAdjustment
from models.ledger.entries import LedgerEntry
from models.ledger.promo_money import PromoMoney
from models.ledger.sweeps import LedgerSweep
from services.ledger.access import (
    visible_promo_rows,
    visible_wallet_entries,
    wallet_accounts,
)
from services.ledger.accounts import visible_accounts
from services.ledger.adjustments import visible_adjustments
from services.ledger.balances import BALANCES
from services.ledger.sweep.sweeping import visible_sweeps
from services.viewer import Viewer


def _of_owners(_: Viewer, selected: Selected | None) -> AnySelect:
    columns: Any = columns_of(LedgerAccount, selected, "owner_id")
    rows: Any = wallet_accounts().with_only_columns(*columns, maintain_column_froms=True)
    owner_id: Any = LedgerAccount.owner_id
    found: AnySelect = rows.where(any_of(owner_id))
    return found


def _promo_money(_: Viewer, selected: Selected | None) -> AnySelect:
    columns: Any = columns_of(PromoMoney, selected, "owner_id")
    rows = select(*columns).where(any_of(col(PromoMoney.owner_id)), col(PromoMoney.remaining) > 0)
    return rows.order_by(col(PromoMoney.ends_at), col(PromoMoney.id))


async def _balances(source: ReadSource, ids: Sequence[UUID]) -> Mapping[UUID, int]:
    return {row["id"]: row["balance"] for row in await source.fetch(BALANCES, ids=ids)}


account_by_id = by_id(LedgerAccount)
balance_of_account: Loader[UUID, int | None] = Loader(_balances, None)
visible_account = visible(LedgerAccount, visible_accounts)
visible_sweep = visible(LedgerSweep, visible_sweeps)
accounts_of_owner = grouped(LedgerAccount, "owner_id", _of_owners)
visible_adjustment = visible(LedgerAdjustment, visible_adjustments)
promo_money_of_owner = grouped(PromoMoney, "owner_id", _promo_money)
visible_promo_money = visible(PromoMoney, visible_promo_rows)
visible_wallet_entry = visible(LedgerEntry, visible_wallet_entries)
