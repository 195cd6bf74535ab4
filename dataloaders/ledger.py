"""Loaders of wallets and adjustments."""

from typing import Any

from core.statements.selected import AnySelect, Selected, columns_of
from core.statements.statement import any_of
from engine.loaders import by_id, grouped, visible
from models.ledger.accounts import LedgerAccount
from models.ledger.adjustments import LedgerAdjustment
from models.ledger.entries import LedgerEntry
from services.ledger.access import visible_wallet_entries, wallet_accounts
from services.ledger.adjustments import visible_adjustments
from services.viewer import Viewer


def _of_owners(_: Viewer, selected: Selected | None) -> AnySelect:
    columns: Any = columns_of(LedgerAccount, selected, "owner_id")
    rows: Any = wallet_accounts().with_only_columns(*columns, maintain_column_froms=True)
    owner_id: Any = LedgerAccount.owner_id
    found: AnySelect = rows.where(any_of(owner_id))
    return found


account_by_id = by_id(LedgerAccount)
accounts_of_owner = grouped(LedgerAccount, "owner_id", _of_owners)
visible_adjustment = visible(LedgerAdjustment, visible_adjustments)
visible_wallet_entry = visible(LedgerEntry, visible_wallet_entries)
