"""Inputs of the ledger."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import UNSET

from engine.ids import id_field, id_of, optional_id_of
from engine.scalars import BigInt, CurrencyCode
from engine.types import column, optional
from models.ledger.account_statements import DateRange
from models.ledger.adjustments import MAX_REASON_LENGTH, MAX_RECEIPT_LENGTH, AdjustmentDraft
from models.ledger.promo_money import MAX_VALID_DAYS
from models.ledger.tax_payments import TaxPaymentDraft
from models.validation import parse
from schema.ledger.enums import (
    AccountKind,
    AdjustmentState,
    PayableTax,
    PostingKind,
    RevenueStep,
)
from services.ledger.accounts import AccountFilter, EntryFilter
from services.ledger.adjustments import WalletOwner

AdjustmentId = Annotated[UUID, id_of("LedgerAdjustment", "The adjustment's id.")]
WantedState = Annotated[
    AdjustmentState | None,
    strawberry.argument(description="Returns those of all states if omitted."),
]
Currency = Annotated[CurrencyCode, strawberry.argument(description="The currency.")]
StatementVendorId = Annotated[UUID, id_of("Vendor", "The vendor's id.")]
WalletVendorId = Annotated[
    UUID | None, optional_id_of("Vendor", "The vendor whose wallet it is. Null for the viewer's.")
]
AccountId = Annotated[UUID, id_of("LedgerAccount", "The account's id.")]
Before = Annotated[
    datetime | None,
    strawberry.argument(description="Counts what was posted before this time. Now if omitted."),
]
By = Annotated[
    RevenueStep, strawberry.argument(description="The length of the steps, which begin in UTC.")
]


@strawberry.input(one_of=True, description="The owner of a wallet: exactly one.")
class WalletOwnerInput:
    user_id: UUID | None = id_field("User", "A user.", default=UNSET)
    vendor_id: UUID | None = id_field("Vendor", "A vendor.", default=UNSET)

    def owner(self) -> WalletOwner:
        given = {name: value for name, value in vars(self).items() if value is not UNSET}
        return WalletOwner(**given)


@strawberry.input(
    description="Money to move between a wallet and an account of the platform: BANK, LOSSES or"
    " PROMOTIONS. Of the wallet, WALLET or WALLET_PROMO."
)
class AdjustLedgerInput:
    owner: WalletOwnerInput = column("The owner of the wallet.")
    debit: AccountKind = column("The account that the money leaves.")
    credit: AccountKind = column("The account that the money comes into.")
    amount_minor: BigInt = column("The amount in minor units of `currency`.")
    currency: CurrencyCode = column("The currency. A vendor's wallet has the vendor's.")
    reason: str = column(f"The reason, for admins: at most {MAX_REASON_LENGTH} characters.")
    idempotency_key: str = column(
        "A unique key of at most 100 characters. A retry with the same key and input returns the"
        " first request's adjustment."
    )

    def draft(self) -> AdjustmentDraft:
        return parse(
            AdjustmentDraft,
            debit=self.debit,
            credit=self.credit,
            currency=self.currency,
            amount=self.amount_minor,
            reason=self.reason,
        )


@strawberry.input(description="Promotional money to give to a user or a vendor, for some days.")
class GrantPromoMoneyInput:
    owner: WalletOwnerInput = column("The owner of the wallet.")
    amount_minor: BigInt = column("The amount in minor units of `currency`.")
    currency: CurrencyCode = column("The currency. A vendor's wallet has the vendor's.")
    valid_days: int = column(
        f"The days for which it can be spent after the approval, from 1 to {MAX_VALID_DAYS}."
    )
    reason: str = column(f"The reason, for admins: at most {MAX_REASON_LENGTH} characters.")
    idempotency_key: str = column(
        "A unique key of at most 100 characters. A retry with the same key and input returns the"
        " first request's adjustment."
    )

    def draft(self) -> AdjustmentDraft:
        return parse(
            AdjustmentDraft,
            debit=AccountKind.PROMOTIONS,
            credit=AccountKind.WALLET_PROMO,
            currency=self.currency,
            amount=self.amount_minor,
            reason=self.reason,
            valid_days=self.valid_days,
        )


@strawberry.input(description="A payment of a tax that the platform has made to an authority.")
class RecordTaxPaymentInput:
    tax: PayableTax = column("The tax.")
    amount_minor: BigInt = column("The amount in minor units of `currency`, at most what is due.")
    currency: CurrencyCode = column("The currency.")
    reason: str = column(
        "The authority and the month, for admins, or another reason: at most"
        f" {MAX_REASON_LENGTH} characters."
    )
    reference: str = column(
        "The number of the challan or the receipt. One of a tax counts once: at most"
        f" {MAX_RECEIPT_LENGTH} characters."
    )
    idempotency_key: str = column(
        "A unique key of at most 100 characters. A retry with the same key and input returns the"
        " first request's adjustment."
    )

    def draft(self) -> TaxPaymentDraft:
        return parse(
            TaxPaymentDraft,
            tax=self.tax,
            currency=self.currency,
            amount=self.amount_minor,
            reason=self.reason,
            reference=self.reference,
        )


@strawberry.input(description="Days, of which both the first and the last one count.")
class PeriodInput:
    from_day: date = column("The first day.")
    until_day: date = column("The last day, which counts.")

    def days(self) -> DateRange:
        return DateRange.of(self.from_day, self.until_day)


@strawberry.input(description="Conditions of a list of accounts. All of them must hold.")
class LedgerAccountWhere:
    kind: AccountKind | None = optional("Of this kind.")
    currency: CurrencyCode | None = optional("In this currency.")
    owner: WalletOwnerInput | None = optional("Of this user or vendor.")


@strawberry.input(description="Conditions of a list of entries. All of them must hold.")
class LedgerEntryWhere:
    kind: PostingKind | None = optional("For this reason.")
    created_from: datetime | None = optional("Created at this time or later.")
    created_before: datetime | None = optional("Created before this time.")


def account_filter(where: LedgerAccountWhere | None) -> AccountFilter:
    if where is None:
        return AccountFilter()
    owner = where.owner.owner() if where.owner else None
    owner_id = (owner.user_id or owner.vendor_id) if owner else None
    return AccountFilter(where.kind, owner_id, where.currency)


def entry_filter(where: LedgerEntryWhere | None) -> EntryFilter:
    return EntryFilter(**vars(where)) if where else EntryFilter()


Period = Annotated[PeriodInput, strawberry.argument(description="The days.")]
WantedAccounts = Annotated[
    LedgerAccountWhere | None, strawberry.argument(description="Returns all if omitted.")
]
WantedEntries = Annotated[
    LedgerEntryWhere | None, strawberry.argument(description="Returns all if omitted.")
]
