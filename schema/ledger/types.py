"""Wallets, their entries, and adjustments by admins."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Self, cast
from uuid import UUID

import strawberry
from strawberry import relay

from core.keyset import Listing
from dataloaders.identity import user_by_id
from dataloaders.ledger import (
    account_by_id,
    promo_money_of_owner,
    visible_adjustment,
    visible_promo_money,
    visible_wallet_entry,
)
from dataloaders.vendors import vendor_by_id
from engine.connections import LiveConnection, connection
from engine.scalars import CurrencyCode
from engine.types import Rows, column, field, loaded, related
from models.ledger import accounts, adjustments, entries
from models.ledger import promo_money as promo_rows
from schema.lazy import LazyUser, LazyVendor
from schema.ledger.enums import PARTS, AccountKind, AdjustmentState, PostingKind, WalletPart
from schema.money import Money, money_of
from services.ledger.access import list_wallet_entries

MAX_SHOWN = 50

WalletRoot = strawberry.Parent[accounts.Wallet]
PromoRoot = strawberry.Parent[promo_rows.PromoMoney]
EntryRoot = strawberry.Parent[entries.LedgerEntry]
AdjustmentRoot = strawberry.Parent[adjustments.LedgerAdjustment]


def _part_of(account: accounts.LedgerAccount | None) -> WalletPart | None:
    return None if account is None else PARTS.get(account.kind)


@strawberry.type(
    description="An amount that came into a wallet, left it, or moved between its parts. It never"
    " changes: a correction is another entry. Visible to the wallet's user, to the owners and"
    " managers of its vendor, and to admins."
)
class WalletEntry(Rows[entries.LedgerEntry], relay.Node, access=visible_wallet_entry):
    id: relay.NodeID[UUID]
    created_at: datetime = column("The time of the entry.")

    @field("The reason.", needs=("posting",))
    def kind(root: EntryRoot) -> PostingKind:
        return root.posted.kind

    @field("The amount that moved, from `source` to `target`.", needs=("amount", "currency"))
    def money(root: EntryRoot) -> Money:
        return money_of(root.amount, root.currency)

    @loaded(
        account_by_id,
        by="debit_id",
        description="The part of the wallet that it left. Null if the money came in.",
    )
    def source(root: EntryRoot, account: accounts.LedgerAccount | None) -> WalletPart | None:
        return _part_of(account)

    @loaded(
        account_by_id,
        by="credit_id",
        description="The part of the wallet that it came into. Null if the money went out.",
    )
    def target(root: EntryRoot, account: accounts.LedgerAccount | None) -> WalletPart | None:
        return _part_of(account)

    @field(
        "The id of the object that it is about, such as an order or a refund.",
        needs=("posting",),
    )
    def about_id(root: EntryRoot) -> relay.GlobalID:
        kind, subject_id, _ = root.posted
        return relay.GlobalID(kind.subject, str(subject_id))


@strawberry.type(description="A page of the entries of a wallet, with live changes.")
class WalletEntryConnection(LiveConnection[WalletEntry]):
    pass


@strawberry.type(
    description="Promotional money that ends. Visible to the wallet's user, to the owners and"
    " managers of its vendor, and to admins."
)
class PromoMoney(Rows[promo_rows.PromoMoney], relay.Node, access=visible_promo_money):
    id: relay.NodeID[UUID]
    ends_at: datetime = column("The time at which what is left of it ends.")
    created_at: datetime = column("The time at which it was given.")

    @field("The amount that was given.", needs=("amount", "currency"))
    def amount(root: PromoRoot) -> Money:
        return money_of(root.amount, root.currency)

    @field("The amount that is left.", needs=("remaining", "currency"))
    def amount_left(root: PromoRoot) -> Money:
        return money_of(root.remaining, root.currency)


@strawberry.type(
    description="The wallet of a user or a vendor in one currency. Visible to the user, to the"
    " owners and managers of the vendor, and to admins."
)
class Wallet:
    currency: CurrencyCode = column("The currency.")

    @field("Money that can be spent, without promotional money.", needs=("balance", "currency"))
    def balance(root: WalletRoot) -> Money:
        return money_of(root.balance, root.currency)

    @field("Promotional money, which orders spend first.", needs=("promo", "currency"))
    def promo(root: WalletRoot) -> Money:
        return money_of(root.promo, root.currency)

    @field("Money that orders hold until they are confirmed or end.", needs=("held", "currency"))
    def held(root: WalletRoot) -> Money:
        return money_of(root.held, root.currency)

    @loaded(
        promo_money_of_owner,
        by="owner_id",
        description="Promotional money that ends, what ends first being first, at most 50 entries."
        " The rest of `promo` never ends.",
        needs=("owner_id", "currency"),
        size=3,
    )
    def promo_money(root: WalletRoot, found: Sequence[promo_rows.PromoMoney]) -> list[PromoMoney]:
        own = [one for one in found if one.currency == root.currency]
        return [PromoMoney.wrap(one) for one in own[:MAX_SHOWN]]

    @connection(WalletEntryConnection, "The entries, newest first.")
    def entries(root: WalletRoot) -> Listing[Any]:
        return list_wallet_entries(root)

    @classmethod
    def wrap(cls, wallet: accounts.Wallet) -> Self:
        """Return the wallet itself, typed as its GraphQL type."""
        return cast("Self", wallet)


@strawberry.type(
    description="Money that admins move between a wallet and an account of the platform. Or a debt"
    " of a vendor that they write off, from LOSSES to V_AVAILABLE, or a tax that the platform has"
    " paid, from the account of the tax to BANK. One admin proposes it, and another one approves"
    " it. Visible to admins."
)
class LedgerAdjustment(Rows[adjustments.LedgerAdjustment], relay.Node, access=visible_adjustment):
    id: relay.NodeID[UUID]
    debit: AccountKind = column("The account that the money leaves.")
    credit: AccountKind = column("The account that the money comes into.")
    reason: str = column("The reason, as the admin wrote it.")
    reference: str | None = column(
        "The number of the challan or the receipt of a tax that was paid. Null otherwise."
    )
    state: AdjustmentState = column("The state.")
    created_at: datetime = column("The time at which it was proposed.")
    decided_at: datetime | None = column("The time at which it was approved or rejected.")
    wallet_user: LazyUser | None = related(
        user_by_id, by="owner_id", description="The user whose wallet it is. Null for others."
    )
    wallet_vendor: LazyVendor | None = related(
        vendor_by_id,
        by="owner_id",
        description="The vendor whose wallet or balance it is. Null for others.",
    )
    proposed_by: LazyUser = related(
        user_by_id, by="proposed_by", description="The admin who proposed it."
    )
    decided_by: LazyUser | None = related(
        user_by_id,
        by="decided_by",
        description="The admin who approved or rejected it. Null while it is PENDING.",
    )

    @field("The amount.", needs=("amount", "currency"))
    def money(root: AdjustmentRoot) -> Money:
        return money_of(root.amount, root.currency)
