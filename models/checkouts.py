"""Checkouts: a cart on its way to an order, with addresses, deliveries and codes chosen."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Index, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from core.clock import now
from core.security.sealed import Sealer
from models.addresses import PostalAddress
from models.base import Row, enum_column, foreign_key, json, timestamp
from models.carts import PerOrderMax
from models.errors import Refusal
from models.ledger.accounts import WalletTooLow
from models.orders.orders import minor_units
from models.personal_data import delete_rows
from models.pricing.discounts import Reason
from models.sealed_columns import sealed, sealed_name
from models.stock.levels import InsufficientStock
from models.taxes.numbers import check_tax_number

CHECKOUT_MINUTES = 30  # after its last change
CHECKOUT_TIME = timedelta(minutes=CHECKOUT_MINUTES)
TAX_ID_COLUMN = "checkout.buyer_tax_id"
MAX_CODES = 5
MAX_ITEMS = 100


class CheckoutState(StrEnum):
    """`OPEN → ORDERED / EXPIRED`. An OPEN one past its time is EXPIRED, and is deleted later."""

    OPEN = "OPEN"
    ORDERED = "ORDERED"
    EXPIRED = "EXPIRED"


class Checkout(Row, table=True):
    """The goods of a cart in one currency, and what the user chose for them. It holds nothing.

    A cart has one that is OPEN in each currency. `items` are lines beside the cart's, all there are
    without a cart: `{"kind": "TICKET", "id": …, "quantity": 1}`. `deliveries`
    has the id of a rate by each vendor's. `wallet` is the amount to take from the user's wallet.
    Prices are computed at each read, and the user agrees to their sum. The cart can be gone later.
    """

    __table_args__ = (
        Index(
            "checkout_open_key",
            "user_id",
            "cart_id",
            "currency",
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=text("state = 'OPEN'"),
        ),
        Index("checkout_user_id_idx", "user_id"),
        Index("checkout_expires_at_idx", "expires_at", postgresql_where=text("state <> 'ORDERED'")),
        CheckConstraint(f"cardinality(promo_code_ids) <= {MAX_CODES}", name="promo_code_ids"),
        CheckConstraint(f"jsonb_array_length(items) <= {MAX_ITEMS}", name="items"),
        CheckConstraint("jsonb_typeof(deliveries) = 'object'", name="deliveries"),
        CheckConstraint("wallet >= 0", name="wallet"),
        CheckConstraint("country ~ '^[A-Z]{2}$'", name="country"),
    )
    __privacy__ = delete_rows(
        unless='EXISTS (SELECT FROM "order" WHERE "order".checkout_id = checkout.id)',
        personal="country",
        id="cart_id",
        none="currency items deliveries promo_code_ids wallet",
    )

    cart_id: UUID | None = None
    user_id: UUID = foreign_key("user", index=False)
    state: CheckoutState = enum_column(CheckoutState, default=CheckoutState.OPEN)
    currency: str = Field(max_length=3)
    items: list[dict[str, Any]] = json(default_factory=list)
    country: str | None = Field(default=None, max_length=2)
    ship_to: bytes | None = sealed(optional=True)
    bill_to: bytes | None = sealed(optional=True)
    buyer_tax_id: bytes | None = sealed(optional=True)
    deliveries: dict[str, str] = json(default_factory=dict)
    promo_code_ids: list[UUID] = Field(
        default_factory=list, sa_column=Column(ARRAY(Uuid), nullable=False, server_default="{}")
    )
    wallet: int = minor_units(default=0)
    expires_at: datetime = timestamp()
    updated_at: datetime = timestamp(default_factory=now)

    def is_open(self, moment: datetime) -> bool:
        """Return whether it can still be changed and ordered at a moment."""
        return self.state is CheckoutState.OPEN and moment < self.expires_at

    def state_at(self, moment: datetime) -> CheckoutState:
        """Return the state at a moment: an OPEN one past its time is EXPIRED."""
        past = self.state is CheckoutState.OPEN and not self.is_open(moment)
        return CheckoutState.EXPIRED if past else self.state

    def ensure_open(self, moment: datetime) -> None:
        if not self.is_open(moment):
            raise CheckoutExpired

    def touch(self, moment: datetime) -> None:
        """Count a change: the checkout expires later."""
        self.updated_at, self.expires_at = moment, moment + CHECKOUT_TIME

    def end(self) -> None:
        """End the checkout without an order."""
        self.state = CheckoutState.EXPIRED
        self.ship_to = self.bill_to = self.buyer_tax_id = None

    def open_address(self, sealer: Sealer, column: str) -> PostalAddress | None:
        """Return the address in `ship_to` or `bill_to`."""
        sealed_address: bytes | None = getattr(self, column)
        if sealed_address is None:
            return None
        return PostalAddress.open(sealer, f"checkout.{column}", self.id, sealed_address)

    def open_buyer_tax_id(self, sealer: Sealer) -> str | None:
        if self.buyer_tax_id is None:
            return None
        return sealer.open(TAX_ID_COLUMN, self.id, self.buyer_tax_id).decode()

    def seal_addresses(
        self,
        sealer: Sealer,
        ship_to: PostalAddress | None,
        bill_to: PostalAddress | None,
        buyer_tax_id: str | None,
    ) -> None:
        """Set the addresses, and the tax number of who is billed.

        Raises `AddressMissing` and `TaxIdInvalid` for a number of no or of another place.
        """
        billed = bill_to or ship_to
        if buyer_tax_id is not None:
            if billed is None:
                raise AddressMissing(field=["buyerTaxId"])
            buyer_tax_id = check_tax_number(buyer_tax_id, billed.place, field=["buyerTaxId"])
        for column, address in (("ship_to", ship_to), ("bill_to", bill_to)):
            plain = address and address.encode()
            value = plain and sealer.seal(sealed_name(self, column), self.id, plain)
            setattr(self, column, value)
        self.buyer_tax_id = None
        if buyer_tax_id is not None:
            self.buyer_tax_id = sealer.seal(TAX_ID_COLUMN, self.id, buyer_tax_id.encode())
        taken_to = ship_to or bill_to
        self.country = taken_to.country if taken_to else None


class ProblemCode(StrEnum):
    """Why a cart or a checkout cannot be ordered as it is. `placeOrder` refuses with these codes.

    Each is the code of a refusal, which the domain of the rule declares.
    """

    NOT_SOLD = "NOT_SOLD"
    VENDOR_CLOSED = "VENDOR_CLOSED"
    CURRENCY_MISMATCH = "CURRENCY_MISMATCH"
    PER_ORDER_MAX = "PER_ORDER_MAX"
    INSUFFICIENT_STOCK = "INSUFFICIENT_STOCK"
    PRICE_CHANGED = "PRICE_CHANGED"
    CHECKOUT_EMPTY = "CHECKOUT_EMPTY"
    ADDRESS_MISSING = "ADDRESS_MISSING"
    NO_DELIVERY = "NO_DELIVERY"
    DELIVERY_NOT_CHOSEN = "DELIVERY_NOT_CHOSEN"
    PROMO_NOT_VALID = "PROMO_NOT_VALID"
    PROMO_USED_UP = "PROMO_USED_UP"
    PROMO_USE_LIMIT_REACHED = "PROMO_USE_LIMIT_REACHED"
    PROMO_NOT_APPLICABLE = "PROMO_NOT_APPLICABLE"
    TAX_UNKNOWN = "TAX_UNKNOWN"
    WALLET_TOO_LOW = "WALLET_TOO_LOW"
    HOLD_EXPIRED = "HOLD_EXPIRED"
    ANSWERS_MISSING = "ANSWERS_MISSING"
    BOOKING_HOLD_EXPIRED = "BOOKING_HOLD_EXPIRED"
    BOOKING_STATE = "BOOKING_STATE"
    BOOKING_ANSWERS_MISSING = "BOOKING_ANSWERS_MISSING"


@dataclass(frozen=True)
class CheckoutProblem:
    """A problem of a cart or a checkout, and what it is about.

    `ref_id` is the id of what the line is of, such as a variant. `available` are the units that are
    left, `most` those that one order can take. `seen` and `now` are prices in minor units, and
    `balance` is that of the wallet. `reason` is of PROMO_NOT_APPLICABLE.
    """

    code: ProblemCode
    ref_id: UUID | None = None
    vendor_id: UUID | None = None
    promo_code_id: UUID | None = None
    hold_id: UUID | None = None
    booking_id: UUID | None = None
    available: int | None = None
    most: int | None = None
    seen: int | None = None
    now: int | None = None
    balance: int = 0
    currency: str = ""
    reason: Reason | None = None

    @property
    def refusal(self) -> Refusal:
        """Return the refusal with which `placeOrder` refuses. It has the text to show."""
        match self.code:
            case ProblemCode.INSUFFICIENT_STOCK if self.ref_id is not None:
                return InsufficientStock(variant_id=self.ref_id, available=self.available or 0)
            case ProblemCode.PER_ORDER_MAX:
                return PerOrderMax(most=self.most)
            case ProblemCode.PROMO_NOT_APPLICABLE if self.reason is not None:
                return _not_applicable(self.reason)
            case ProblemCode.WALLET_TOO_LOW:
                return WalletTooLow(available=self.balance, currency=self.currency)
            case _:
                return Refusal.by_code[self.code]()


class CheckoutExpired(Refusal):
    message = "This checkout has ended. Start again from the cart."
    meaning = (
        f"The checkout was ordered or discarded, or was not changed for {CHECKOUT_MINUTES} minutes."
    )
    remedy = "Call `createCheckout` again, with the same cart."


class CheckoutCodeLimitReached(Refusal):
    message = "A checkout can have at most {most} codes. Remove one first."
    meaning = "The checkout has the maximum number of promo codes."
    remedy = "Let the user remove a code."


class CheckoutEmpty(Refusal):
    message = "There is nothing to order. Put something into the cart first."
    meaning = "The cart has nothing that is sold in the currency of the checkout."
    remedy = "Lead the user back to the cart."


class AddressMissing(Refusal):
    message = "Enter an address first."
    meaning = "The checkout has no address, or no address to deliver to."
    remedy = "Call `setCheckoutAddress`."


class NoDelivery(Refusal):
    message = (
        "This business does not deliver to your address. Choose another address, or remove its"
        " articles."
    )
    meaning = "No rate of the vendor serves the parcel at the address."
    remedy = "Let the user choose another address, or remove the lines of the vendor."


class DeliveryNotChosen(Refusal):
    message = "Choose a way of delivery."
    meaning = "No rate is chosen for the vendor, or the chosen one does not serve the parcel."
    remedy = "Show the `deliveries` of the group, and call `chooseDelivery`."


class PromoNotApplicable(Refusal):
    message = "This code is not for the articles that you order."
    meaning = (
        "The code is valid, but covers no line, or lines below its minimum, or does not combine"
        " with another code of the checkout."
    )
    remedy = "Show `message` next to the code, and let the user remove it or another one."


def _not_applicable(reason: Reason) -> PromoNotApplicable:
    match reason:
        case Reason.NOT_COVERED:
            return PromoNotApplicable()
        case Reason.BELOW_MINIMUM:
            return PromoNotApplicable(
                "The articles that this code is for cost less than its minimum."
            )
        case Reason.NOT_COMBINABLE:
            return PromoNotApplicable("This code cannot be used together with the others.")
