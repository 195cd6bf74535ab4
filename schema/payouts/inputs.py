"""Inputs of payouts."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from engine.ids import id_field, id_of
from engine.scalars import BigInt, CurrencyCode
from engine.types import column, optional
from models.ledger.accounts import AccountKind
from models.ledger.adjustments import MAX_REASON_LENGTH, WRITE_OFF, AdjustmentDraft
from models.payments.payments import MAX_REFERENCE
from models.payouts.banks import MAX_HOLDER, BankDraft
from models.payouts.payouts import MAX_FAILURE
from models.payouts.reconciliation import MAX_NOTE
from models.payouts.terms import MAX_RESERVE_BPS, MAX_RESERVE_DAYS, Reserve
from models.validation import parse
from schema.orders.enums import PaymentProvider
from schema.payouts.enums import (
    DiscrepancyCause,
    MatchState,
    PayoutFileState,
    PayoutRail,
    PayoutState,
)
from services.payouts.access import PayoutFilter
from services.payouts.reconciliation.discrepancies import DiscrepancyFilter

VendorId = Annotated[UUID, id_of("Vendor", "The vendor's id.")]
PayoutId = Annotated[UUID, id_of("Payout", "The payout's id.")]
PayoutFileId = Annotated[UUID, id_of("PayoutFile", "The file's id.")]
TransactionId = Annotated[UUID, id_of("ProviderTransaction", "The discrepancy's id.")]
Rail = Annotated[PayoutRail, strawberry.argument(description="The way of the money.")]
AmountMinor = Annotated[
    BigInt | None,
    strawberry.argument(
        description="The amount in minor units. Defaults to all that is available."
    ),
]
BankReference = Annotated[
    str,
    strawberry.argument(
        description=f"The bank's reference of the transfer, such as a UTR: at most {MAX_REFERENCE}"
        " characters."
    ),
]
ReturnReason = Annotated[
    str,
    strawberry.argument(
        description=f"Why the bank has sent it back: at most {MAX_FAILURE} characters. The owners"
        " see it."
    ),
]
ResolutionNote = Annotated[
    str,
    strawberry.argument(description=f"How it was explained: at most {MAX_NOTE} characters."),
]
FileCurrency = Annotated[
    CurrencyCode, strawberry.argument(description="The currency: INR for NEFT, EUR for SEPA.")
]
WantedFileState = Annotated[
    PayoutFileState | None,
    strawberry.argument(description="Returns those of all states if omitted."),
]


@strawberry.input(description="Conditions of a list of payouts. All must hold.")
class PayoutWhere:
    payout_state: PayoutState | None = optional("In this state.")
    payout_rail: PayoutRail | None = optional("By this way.")
    currency: CurrencyCode | None = optional("In this currency.")
    payout_file_id: UUID | None = id_field("PayoutFile", "In this file.", default=None)
    waits_for_confirmation: bool | None = optional(
        "Whether an admin has noted that it came back, and another one must confirm it."
    )
    planned_from: datetime | None = optional("Planned at this time or later.")
    planned_before: datetime | None = optional("Planned before this time.")


def payout_filter(where: PayoutWhere | None) -> PayoutFilter:
    given = where or PayoutWhere()
    return PayoutFilter(
        state=given.payout_state,
        rail=given.payout_rail,
        currency=given.currency,
        file_id=given.payout_file_id,
        noted_return=given.waits_for_confirmation,
        created_from=given.planned_from,
        created_before=given.planned_before,
    )


@strawberry.input(description="Conditions of a list of discrepancies. All must hold.")
class DiscrepancyWhere:
    match_state: MatchState = optional(
        "In this state. Defaults to DISCREPANT.", MatchState.DISCREPANT
    )
    payment_provider: PaymentProvider | None = optional("Of this provider.")
    currency: CurrencyCode | None = optional("In this currency.")
    discrepancy_cause: DiscrepancyCause | None = optional("With this cause.")
    before: datetime | None = optional("Of lines before this time: those that are older.")


def discrepancy_filter(where: DiscrepancyWhere | None) -> DiscrepancyFilter:
    given = where or DiscrepancyWhere()
    return DiscrepancyFilter(
        state=given.match_state,
        provider=given.payment_provider,
        currency=given.currency,
        cause=given.discrepancy_cause,
        before=given.before,
    )


@strawberry.input(
    description="The bank account of a vendor: an IBAN for EUR, else the code of the bank and the"
    " number."
)
class SetPayoutAccountInput:
    vendor_id: UUID = id_field("Vendor", "The vendor's id.")
    rail: PayoutRail = column("The way of the money: one of `payoutRails`, but STRIPE.")
    holder: str = column(
        f"The holder, as the bank has the name: at most {MAX_HOLDER} Latin letters, digits and"
        " spaces."
    )
    iban: str | None = optional("The IBAN, for files in EUR.")
    bank_code: str | None = optional(
        "The IFSC in India, the code of the bank at Paystack, or the BIC beside an IBAN."
    )
    account_number: str | None = optional("The number of the account, without an IBAN.")
    idempotency_key: str = column(
        "A unique key of at most 100 characters. A retry with the same key and input returns the"
        " first request's account."
    )

    def draft(self) -> BankDraft:
        return parse(
            BankDraft,
            rail=self.rail,
            holder=self.holder,
            iban=self.iban,
            bank_code=self.bank_code,
            account_number=self.account_number,
        )


@strawberry.input(description="The reserve of a vendor.")
class SetReserveInput:
    vendor_id: UUID = id_field("Vendor", "The vendor's id.")
    bps: int | None = optional(
        "The share of each sale in basis points, at most"
        f" {MAX_RESERVE_BPS:,}. Without it and `days`, the reserve of the server holds again."
    )
    days: int | None = optional(
        f"The days for which it is kept back after the release, at most {MAX_RESERVE_DAYS}."
    )

    def reserve(self) -> Reserve | None:
        if self.bps is None and self.days is None:
            return None
        return parse(Reserve, bps=self.bps, days=self.days)


@strawberry.input(description="A part of the debt of a vendor that is written off.")
class WriteOffVendorDebtInput:
    vendor_id: UUID = id_field("Vendor", "The vendor's id.")
    amount_minor: BigInt = column("The amount in minor units, at most what the vendor owes.")
    currency: CurrencyCode = column("The currency of the balance that is below zero.")
    reason: str = column(f"The reason, for admins: at most {MAX_REASON_LENGTH} characters.")
    idempotency_key: str = column(
        "A unique key of at most 100 characters. A retry with the same key and input returns the"
        " first request's adjustment."
    )

    def draft(self) -> AdjustmentDraft:
        debit, credit = WRITE_OFF
        return parse(
            AdjustmentDraft,
            debit=AccountKind(debit),
            credit=AccountKind(credit),
            currency=self.currency,
            amount=self.amount_minor,
            reason=self.reason,
        )
