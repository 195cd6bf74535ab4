"""Journal entries of wallets."""

from dataclasses import dataclass
from uuid import UUID

from services.journal.entries import Entry


@dataclass(frozen=True)
class WalletChanged(Entry, kind="ledger.wallet_changes"):
    """Money came into a wallet, left it, or was held in it. The account is one of the wallet's."""

    account_id: UUID
