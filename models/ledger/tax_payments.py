"""Payments of taxes to authorities: adjustments between an account of a tax and the bank."""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel
from pydantic import Field as Range

from core.money import in_major_units
from models.errors import Refusal
from models.ledger.accounts import MAX_AMOUNT
from models.ledger.adjustments import Reason, Receipt


class PayableTax(StrEnum):
    """A tax that the platform owes to an authority: the name of its account."""

    GST_OUT = "GST_OUT"
    TCS_DUE = "TCS_DUE"
    TDS_DUE = "TDS_DUE"


class TaxPaymentDraft(BaseModel, frozen=True):
    """Validated input of a payment of a tax."""

    tax: PayableTax
    currency: str
    amount: Annotated[int, Range(ge=1, le=MAX_AMOUNT)]
    reason: Reason
    reference: Receipt


class TaxNotDue(Refusal):
    message = "Only {amount} {currency} of this tax is due. Enter at most this amount."
    meaning = "The amount is above the balance of the account of the tax."
    remedy = "Refetch `ledgerAccounts` of the tax, and enter at most its balance."

    def __init__(self, *, due: int, currency: str) -> None:
        super().__init__(amount=in_major_units(max(0, due), currency), currency=currency)


class TaxPaymentRecorded(Refusal):
    message = "A payment of this tax with this reference has been recorded already."
    meaning = "An adjustment of the tax has this reference, and is not rejected."
    remedy = "Show `ledgerAdjustments`. To correct a pending one, reject it first."
    constraint = "ledger_adjustment_reference_key"
