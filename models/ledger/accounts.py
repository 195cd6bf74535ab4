"""Accounts of the ledger: of the platform, of vendors, and the wallets of users and vendors."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from core.money import Amount, in_major_units
from models.base import Row, foreign_key, open_enum_column
from models.errors import Refusal
from models.journal import Xid8
from models.personal_data import keep_rows, of_others

MAX_BALANCE = 10**18  # minor units
MAX_AMOUNT = 10**15  # minor units of one entry


class Owner(StrEnum):
    """The owner of the accounts of a kind. The accounts of a HOLDER are a user's or a vendor's."""

    PLATFORM = "PLATFORM"
    VENDOR = "VENDOR"
    HOLDER = "HOLDER"


class AccountKind(StrEnum):
    """A kind of account. Those of holders are guarded: their balance never falls below zero.

    The balance of an account is what was credited to it, less what was debited from it. So what
    the platform owes and has earned is positive, and what it has or has paid is negative.
    """

    owner: Owner

    def __new__(cls, name: str, owner: Owner = Owner.PLATFORM) -> "AccountKind":
        member = str.__new__(cls, name)
        member._value_ = name
        member.owner = owner
        return member

    @property
    def is_guarded(self) -> bool:
        return self.owner is Owner.HOLDER

    WALLET = "WALLET", Owner.HOLDER
    WALLET_PROMO = "WALLET_PROMO", Owner.HOLDER
    WALLET_HELD = "WALLET_HELD", Owner.HOLDER
    V_PENDING = "V_PENDING", Owner.VENDOR
    V_AVAILABLE = "V_AVAILABLE", Owner.VENDOR
    V_RESERVE = "V_RESERVE", Owner.VENDOR
    IN_TRANSIT = "IN_TRANSIT", Owner.VENDOR
    UNCLAIMED = "UNCLAIMED"
    REFUND_DUE = "REFUND_DUE"
    COMMISSION = "COMMISSION"
    GST_OUT = "GST_OUT"
    TCS_DUE = "TCS_DUE"
    TDS_DUE = "TDS_DUE"
    PACK_DEFERRED = "PACK_DEFERRED"
    PACK_SALES = "PACK_SALES"
    CAMPAIGN_SALES = "CAMPAIGN_SALES"
    PROMOTIONS = "PROMOTIONS"
    PROVIDER = "PROVIDER"
    PROVIDER_FEES = "PROVIDER_FEES"
    BANK = "BANK"
    DISPUTED = "DISPUTED"
    DISPUTE_FEES = "DISPUTE_FEES"
    LOSSES = "LOSSES"


WALLET_KINDS = (AccountKind.WALLET, AccountKind.WALLET_PROMO, AccountKind.WALLET_HELD)


class Account(NamedTuple):
    """The key of an account, by which a posting names it. Its row is made when it is needed."""

    kind: AccountKind
    currency: str
    owner_id: UUID | None = None


class LedgerAccount(Row, table=True):
    """An account in one currency. Guarded ones have a running balance, which never is negative.

    A running balance on the platform's accounts would make all postings wait for one row. Theirs
    is 0 here, and is computed from the snapshot and the entries after it. `owner_id` is a user or
    a vendor, by the kind.
    """

    __tablename__ = "ledger_account"
    __table_args__ = (
        UniqueConstraint("kind", "owner_id", "currency", postgresql_nulls_not_distinct=True),
        UniqueConstraint("id", "currency"),  # for the foreign keys of entries
        Index("ledger_account_created_at_idx", "created_at", "id"),
        Index("ledger_account_kind_idx", "kind", "created_at", "id"),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
        CheckConstraint(
            f"balance BETWEEN 0 AND {MAX_BALANCE} AND (guarded OR balance = 0)", name="balance"
        ),
        CheckConstraint(
            "kind NOT IN ('WALLET', 'WALLET_PROMO', 'WALLET_HELD')"
            " OR (guarded AND owner_id IS NOT NULL)",
            name="guarded",
        ),
    )
    __privacy__ = keep_rows(of="owner_id", id="owner_id", none="currency balance")

    kind: AccountKind = open_enum_column(AccountKind)
    owner_id: UUID | None = Field(default=None, index=True)
    currency: str = Field(max_length=3)
    guarded: bool = False
    balance: int = Field(default=0, sa_type=BigInteger)

    @property
    def key(self) -> Account:
        return Account(self.kind, self.currency, self.owner_id)


@dataclass(frozen=True)
class Wallet:
    """A wallet of a user or a vendor in one currency: the balances of its accounts, if any.

    `promo` is promotional money, which is spent first, and `held` what orders, campaigns
    and disputes hold.
    """

    owner_id: UUID
    currency: str
    of_vendor: bool
    balance: int
    promo: int
    held: int

    @classmethod
    def of(
        cls,
        owner_id: UUID,
        currency: str,
        accounts: Iterable["LedgerAccount"],
        *,
        of_vendor: bool = False,
    ) -> "Wallet":
        """Return the wallet in a currency from the owner's accounts."""
        found = {one.kind: one.balance for one in accounts if one.currency == currency}
        return cls(owner_id, currency, of_vendor, *(found.get(kind, 0) for kind in WALLET_KINDS))


class LedgerSnapshot(SQLModel, table=True):
    """The sum of an account's entries whose transactions' ids are lower than `upto`.

    All transactions with a lower id had ended when it was computed, so none adds to it later. An
    entry's own id has no such order: one with a lower id can be committed later.
    """

    __tablename__ = "ledger_snapshot"
    __table_args__ = (
        CheckConstraint(f"balance BETWEEN -{MAX_BALANCE} AND {MAX_BALANCE}", name="balance"),
    )
    __privacy__ = of_others(none="upto balance")  # wallets have none

    account_id: UUID = foreign_key("ledger_account", primary_key=True, index=False)
    upto: int = Field(sa_column=Column(Xid8, nullable=False))
    balance: int = Field(sa_type=BigInteger)


class WalletTooLow(Refusal):
    """A wallet has less than is needed. `available` are the minor units that it has."""

    message = "The wallet has only {amount} {currency}. Choose a lower amount."
    meaning = "The wallet has less than the amount, perhaps after another order took it."
    remedy = "Refetch the wallet, and let the user choose a lower amount or pay in another way."

    def __init__(self, *, available: int, currency: str) -> None:
        self.balance = Amount(available, currency)
        super().__init__(amount=in_major_units(available, currency), currency=currency)
