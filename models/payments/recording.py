"""Payments that an admin records, and refusals of payments."""

from typing import Annotated

from pydantic import BaseModel
from pydantic import Field as Range

from core.money import Amount
from models.errors import Refusal
from models.ledger.accounts import MAX_AMOUNT
from models.text import OneLine

MAX_REFERENCE_LENGTH = 100
Reference = Annotated[str, OneLine(MAX_REFERENCE_LENGTH, web_addresses=False)]


class RecordedPayment(BaseModel, frozen=True):
    """Validated input of a payment: its amount in minor units, and the bank's reference."""

    amount: Annotated[int, Range(ge=1, le=MAX_AMOUNT)]
    currency: str
    reference: Reference


class OrderPaid(Refusal):
    message = "This order is paid already. Reload it."
    meaning = "The order was confirmed by another payment, or by this one before."
    remedy = "Refetch the order."


class OwnOrder(Refusal):
    message = "This order is yours, or of a business that you work for. Ask another admin."
    meaning = (
        "An admin decides nothing about orders that the admin has placed, and nothing but the"
        " settlement of refunds about those of a vendor where the admin is a member."
    )
    remedy = "Ask another admin."


class PaymentMismatch(Refusal):
    """The amount or currency is not that of the open payment. `amount` is in minor units."""

    message = "This is not the amount that is open. Compare it with the order."
    meaning = "The payment has another amount or currency than is open for the order."
    remedy = "Show `amount`, and let the admin correct the payment or return the money."

    def __init__(self, *, amount: int, currency: str) -> None:
        self.amount = Amount(amount, currency)
        super().__init__(field=["amountMinor"])


class PaymentReferenceTaken(Refusal):
    message = "A payment with this reference was recorded before. Check the reference."
    meaning = "The provider's reference belongs to another payment: money counts once."
    remedy = "Show `message` next to the reference."
    constraint = "payment_provider_reference_key"
