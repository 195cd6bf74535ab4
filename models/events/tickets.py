"""Tickets: what an attendee shows at the door, in generations, and their transfer."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKeyConstraint, Index, text
from sqlmodel import Field

from core.security.sealed import Sealer
from models.base import DEFERRED, Row, enum_column, foreign_key, optional_foreign_key, timestamp
from models.errors import Refusal
from models.events.events import TransferPolicy
from models.events.ticket_types import MAX_TICKET_PRICE, ids_column
from models.identity.phones import PhoneText
from models.identity.registrations import EmailAddress
from models.journal import Xid8
from models.personal_data import blank_values
from models.pricing.amounts import BPS, share
from models.sealed_columns import check_lookup, sealed
from models.text import Identifier, Name, OneLine, one_line_constraint

MAX_GENERATION = 10_000
MAX_REASON_LENGTH = 200
MAX_TRANSFER_CODE = 40
TRANSFER_DAYS = 7
MAX_TRANSFERS = 20  # of a ticket, each of which can send a mail
ATTENDEE_COLUMN = "ticket.attendee"
TRANSFER_COLUMN = "ticket_transfer.address"
CancelReason = Annotated[str, OneLine(MAX_REASON_LENGTH)]
AttendeeName = Name


def transaction_column() -> Any:
    """Return the column with the transaction that last changed a row, which a trigger sets.

    Scanners ask for what has changed since their last bundle.
    """
    column = Column(Xid8, server_default=text("pg_current_xact_id()"), nullable=False)
    return Field(default=None, sa_column=column)


class TicketState(StrEnum):
    """`VALID → CANCELLED`. Whether it was used is up to the check-in lists."""

    VALID = "VALID"
    CANCELLED = "CANCELLED"


class TicketSource(StrEnum):
    ORDER = "ORDER"
    DESK = "DESK"
    COMPLIMENTARY = "COMPLIMENTARY"


class Ticket(Row, table=True):
    """The right of its holder to be admitted once to a date.

    Its QR code is signed for its generation: a transfer and a cancellation raise it, so that the
    former code is refused. `quota_ids` are the quotas in which it counts, `buyer_id` whose limit.
    The policies are those of the sale. A refund never changes a ticket.
    """

    __table_args__ = (
        ForeignKeyConstraint(
            ["event_date_id", "vendor_id"], ["event_date.id", "event_date.vendor_id"], **DEFERRED
        ),
        CheckConstraint(f"generation BETWEEN 1 AND {MAX_GENERATION}", name="generation"),
        CheckConstraint("char_length(code) = 11", name="code"),
        CheckConstraint(f"price BETWEEN 0 AND {MAX_TICKET_PRICE}", name="price"),
        CheckConstraint(f"refund_bps BETWEEN 0 AND {BPS}", name="refund_bps"),
        CheckConstraint("cardinality(quota_ids) <= 20", name="quota_ids"),
        CheckConstraint("(state = 'CANCELLED') = (cancelled_at IS NOT NULL)", name="cancelled_at"),
        CheckConstraint("(source = 'ORDER') = (order_line_id IS NOT NULL)", name="order_line_id"),
        one_line_constraint("cancel_reason"),
        CheckConstraint(
            "cancel_reason IS NULL OR state = 'CANCELLED'"
            f" AND char_length(cancel_reason) <= {MAX_REASON_LENGTH}",
            name="cancel_reason",
        ),
        Index(
            "ticket_seat_key",
            "event_date_id",
            "seat_id",
            unique=True,
            postgresql_where=text("state = 'VALID' AND seat_id IS NOT NULL"),
        ),
        Index("ticket_event_date_id_idx", "event_date_id", "created_at", "id"),
        Index("ticket_holder_id_idx", "holder_id", "created_at", "id"),
        Index("ticket_buyer_id_idx", "buyer_id", "event_date_id"),
        Index("ticket_seat_id_idx", "seat_id"),
        Index("ticket_hold_id_idx", "hold_id"),
        Index("ticket_changed_xid_idx", "event_date_id", "changed_xid"),
    )
    __privacy__ = blank_values(
        of="holder_id",
        secrets="code",
        id="tier_id",
        none="generation price currency refund_bps quota_ids cancel_reason changed_xid",
        blank={"code": "right(replace(id::text, '-', ''), 11)"},
    )

    event_date_id: UUID
    vendor_id: UUID
    ticket_type_id: UUID = foreign_key("ticket_type")
    tier_id: UUID | None = None
    seat_id: UUID | None = optional_foreign_key("seat", index=False)
    hold_id: UUID | None = optional_foreign_key("ticket_hold", index=False)
    order_line_id: UUID | None = optional_foreign_key("order_line")
    source: TicketSource = enum_column(TicketSource, default=TicketSource.ORDER)
    buyer_id: UUID | None = optional_foreign_key("user", index=False)
    holder_id: UUID | None = optional_foreign_key("user", index=False)
    attendee: bytes | None = sealed(optional=True)
    generation: int = 1
    code: str = Field(max_length=11, unique=True)
    state: TicketState = enum_column(TicketState, default=TicketState.VALID)
    price: int = Field(sa_type=BigInteger)
    currency: str = Field(max_length=3)
    quota_ids: list[UUID] = Field(default_factory=list, sa_column=ids_column())
    transfer: TransferPolicy = enum_column(TransferPolicy, default=TransferPolicy.FREE)
    transfer_until: datetime | None = timestamp(default=None)
    refund_until: datetime | None = timestamp(default=None)
    refund_bps: int = 0
    cancelled_at: datetime | None = timestamp(default=None)
    cancel_reason: CancelReason | None = Field(default=None, max_length=MAX_REASON_LENGTH)
    changed_xid: str = transaction_column()

    def ensure_valid(self) -> None:
        if self.state is not TicketState.VALID:
            raise TicketCancelled

    def may_transfer(self, moment: datetime) -> bool:
        """Return whether the holder can transfer the ticket at a moment, unless it was used."""
        if self.state is not TicketState.VALID or self.transfer is TransferPolicy.NONE:
            return False
        return self.transfer_until is None or moment < self.transfer_until

    def ensure_transferable(self, moment: datetime) -> None:
        self.ensure_valid()
        if not self.may_transfer(moment):
            raise TransferRefused

    def refund_now(self, moment: datetime) -> int:
        """Return the amount that the policy gives back at a moment, in minor units."""
        if self.refund_until is None or moment >= self.refund_until:
            return 0
        return share(self.price, self.refund_bps)

    def seal_attendee(self, sealer: Sealer, name: str | None) -> None:
        """Set the attendee, or none."""
        plain = name and sealer.seal(ATTENDEE_COLUMN, self.id, name.encode())
        self.attendee = plain or None

    def open_attendee(self, sealer: Sealer) -> str | None:
        if self.attendee is None:
            return None
        return sealer.open(ATTENDEE_COLUMN, self.id, self.attendee).decode()

    def renew(self, code: str) -> None:
        """Replace the QR code and the short code. The former ones are refused."""
        self.generation, self.code = self.generation + 1, code


class TransferState(StrEnum):
    """`PENDING → ACCEPTED / DECLINED / WITHDRAWN / LAPSED`."""

    PENDING = "PENDING"
    ACCEPTED = "ACCEPTED"
    DECLINED = "DECLINED"
    WITHDRAWN = "WITHDRAWN"
    LAPSED = "LAPSED"


class TransferTo(StrEnum):
    """How the receiver is named. The values are kinds of keyed hashes."""

    USER = "USER"
    EMAIL = "EMAIL"
    PHONE = "PHONE"


class TicketTransfer(Row, table=True):
    """A ticket that its holder gives to a user, or to an address with a secret.

    It is for one generation of the ticket: a transfer of a former one cannot be accepted.
    """

    __tablename__ = "ticket_transfer"
    __table_args__ = (
        *check_lookup("address_lookup"),
        CheckConstraint(
            "state <> 'PENDING' OR CASE to_kind WHEN 'USER' THEN to_user_id IS NOT NULL"
            " ELSE address IS NOT NULL END",
            name="to",
        ),
        CheckConstraint(
            "address IS NULL OR num_nonnulls(address_lookup, secret_hash) = 2", name="address"
        ),
        CheckConstraint(f"generation BETWEEN 1 AND {MAX_GENERATION}", name="generation"),
        CheckConstraint("(state = 'PENDING') = (ended_at IS NULL)", name="ended_at"),
        CheckConstraint("state <> 'ACCEPTED' OR to_user_id IS NOT NULL", name="accepted"),
        Index(
            "ticket_transfer_pending_key",
            "ticket_id",
            unique=True,
            postgresql_where=text("state = 'PENDING'"),
        ),
        Index("ticket_transfer_ticket_id_idx", "ticket_id", "created_at", "id"),
        Index("ticket_transfer_from_user_id_idx", "from_user_id", "created_at", "id"),
        Index("ticket_transfer_to_user_id_idx", "to_user_id", "created_at", "id"),
        Index("ticket_transfer_address_lookup_idx", "address_lookup"),
        Index("ticket_transfer_next_address_lookup_idx", "next_address_lookup"),
        Index(
            "ticket_transfer_expires_at_idx",
            "expires_at",
            postgresql_where=text("state = 'PENDING'"),
        ),
    )
    __privacy__ = blank_values(
        of="from_user_id to_user_id",
        secrets="address_lookup next_address_lookup secret_hash",
        none="generation",
        blank={
            "state": "CASE state WHEN 'PENDING' THEN 'WITHDRAWN' ELSE state END",
            "ended_at": "coalesce(ended_at, now())",
        },
    )

    ticket_id: UUID = foreign_key("ticket", index=False)
    from_user_id: UUID = foreign_key("user", index=False)
    to_kind: TransferTo = enum_column(TransferTo)
    to_user_id: UUID | None = optional_foreign_key("user", index=False)
    address: bytes | None = sealed(lookup="address_lookup", kind="to_kind", optional=True)
    address_lookup: bytes | None = None
    next_address_lookup: bytes | None = None
    secret_hash: bytes | None = Field(default=None, unique=True)
    generation: int
    state: TransferState = enum_column(TransferState, default=TransferState.PENDING)
    expires_at: datetime = timestamp()
    ended_at: datetime | None = timestamp(default=None)

    def ensure_open(self, ticket: Ticket, moment: datetime) -> None:
        """Raise `InvalidTransferState` unless the transfer can be accepted at a moment."""
        open_until = self.state is TransferState.PENDING and moment < self.expires_at
        if not open_until or ticket.generation != self.generation:
            raise InvalidTransferState

    def end(self, state: TransferState, moment: datetime) -> None:
        """End the transfer. The address of a person who may have no account is not kept."""
        self.state, self.ended_at = state, moment
        self.address = self.address_lookup = self.next_address_lookup = self.secret_hash = None

    def seal_address(self, sealer: Sealer, to: "AddressedReceiver") -> None:
        """Set the address of who can accept it with a code, which its message has."""
        lookup = sealer.lookup(to.kind, to.address)
        self.address_lookup, self.next_address_lookup = lookup.oldest, lookup.newest
        self.address = sealer.seal(TRANSFER_COLUMN, self.id, to.address.encode())

    def open_address(self, sealer: Sealer) -> str | None:
        if self.address is None:
            return None
        return sealer.open(TRANSFER_COLUMN, self.id, self.address).decode()


@dataclass(frozen=True)
class AddressedReceiver:
    """The receiver with an email address or a phone number, in its normal form."""

    kind: TransferTo
    address: str


class TicketCancelled(Refusal):
    message = "This ticket is cancelled."
    meaning = "The ticket is CANCELLED, so it cannot be changed, transferred or used."
    remedy = "Refetch the ticket's `state`."


class TicketUsed(Refusal):
    message = "This ticket was used already, so this is not possible."
    meaning = "The ticket was admitted on a check-in list that admits it once."
    remedy = "Inform the user. Only the vendor can change a ticket that was used."


class TransferRefused(Refusal):
    message = "This ticket cannot be transferred, or not any more."
    meaning = "The event allows no transfers, or the time for them is over."
    remedy = "Show `message`. Refetch `mayTransfer` of the ticket."


class InvalidTransferState(Refusal):
    code = "TRANSFER_STATE"
    message = "This transfer is over: it was accepted, declined or withdrawn, or its time is over."
    meaning = "The transfer is not PENDING, its time is over, or the ticket has a newer code."
    remedy = "Refetch the transfer's `state`. The holder can transfer the ticket again."


class TicketListed(Refusal):
    message = "This ticket is listed for resale. Take it off the list first."
    meaning = "The ticket has a resale listing that is LISTED."
    remedy = "Offer `unlistTicket`, and try again."


class TicketDateOver(Refusal):
    message = "The date of this ticket is over or cancelled."
    meaning = "The ticket's date has ended or is cancelled, so the ticket stays as it is."
    remedy = "Refetch the ticket's `eventDate`."


class AttendeeDraft(BaseModel, frozen=True):
    """Validated input of the attendee. None for none named."""

    name: AttendeeName | None = None


class CancelTicketDraft(BaseModel, frozen=True):
    """Validated input of the reason for which a ticket is cancelled."""

    reason: CancelReason | None = None


class TransferEmailDraft(BaseModel, frozen=True):
    """Validated address of who can have a ticket."""

    email: EmailAddress


class TransferPhoneDraft(BaseModel, frozen=True):
    """Validated number of who can have a ticket."""

    phone: PhoneText


class TransferCodeDraft(BaseModel, frozen=True):
    """Validated code of a transfer, as it was typed."""

    code: Annotated[str, Identifier(MAX_TRANSFER_CODE)]
