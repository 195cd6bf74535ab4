"""Offers: states, validity period and capacity."""

from collections.abc import Set
from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Text, UniqueConstraint, false
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from core.clock import now
from models.base import (
    LONG,
    UNREAD,
    Row,
    enum_column,
    foreign_key,
    json,
    open_enum_column,
    optional_foreign_key,
    position_column,
    timestamp,
)
from models.errors import InvalidInput, Refusal
from models.offers.rules import MAX_AMOUNT, MAX_USES
from models.personal_data import delete_rows, of_others
from models.search import similarity_index, terms_index
from models.text import Identifier, OneLine, Paragraphs, one_line_constraint

OfferTitle = Annotated[str, OneLine(120, min_length=3)]
OfferText = Annotated[str, Paragraphs(4_000)]
MAX_EXTERNAL_ID_LENGTH = 64
ExternalId = Annotated[str, Identifier(MAX_EXTERNAL_ID_LENGTH)]


class OfferState(StrEnum):
    """`DRAFT → PUBLISHED ⇄ PAUSED → EXPIRED / ARCHIVED`."""

    DRAFT = "DRAFT"
    PUBLISHED = "PUBLISHED"
    PAUSED = "PAUSED"
    EXPIRED = "EXPIRED"
    ARCHIVED = "ARCHIVED"

    def ensure_can_become(self, state: "OfferState") -> None:
        if state not in TRANSITIONS[self]:
            raise InvalidOfferState(
                "An offer that is {state} cannot become {wanted}.", state=self, wanted=state
            )


TRANSITIONS = {
    OfferState.DRAFT: {OfferState.PUBLISHED, OfferState.ARCHIVED},
    OfferState.PUBLISHED: {OfferState.PAUSED, OfferState.EXPIRED, OfferState.ARCHIVED},
    OfferState.PAUSED: {OfferState.PUBLISHED, OfferState.EXPIRED, OfferState.ARCHIVED},
    OfferState.EXPIRED: {OfferState.ARCHIVED},
    OfferState.ARCHIVED: set[OfferState](),
}


class DiscountKind(StrEnum):
    """The kind of discount, which determines the discount columns set."""

    PERCENT = "PERCENT"
    AMOUNT = "AMOUNT"
    BUY_GET = "BUY_GET"
    FREE_ITEM = "FREE_ITEM"


class PublishFailure(StrEnum):
    """The reason why a scheduled offer was not published: the code of the refusal."""

    VENDOR_NOT_APPROVED = "VENDOR_NOT_APPROVED"
    VENDOR_SUSPENDED = "VENDOR_SUSPENDED"
    OFFER_ENDED = "OFFER_ENDED"
    QUOTA_USED_UP = "QUOTA_USED_UP"


class Offer(Row, table=True):
    """A vendor's discount. `claimed` never exceeds `capacity`; None means unlimited.

    A job publishes a draft at `publish_at`. If it cannot, `publish_failure` is the reason, until
    the draft is scheduled again. `schedules` counts how often it was. `external_id` is the vendor's
    own id, of its files.
    """

    __table_args__ = (
        UniqueConstraint("vendor_id", "external_id"),
        one_line_constraint("external_id"),
        CheckConstraint("claimed BETWEEN 0 AND coalesce(capacity, claimed)", name="capacity"),
        CheckConstraint("capacity BETWEEN 1 AND 1000000", name="capacity_range"),
        CheckConstraint("per_user_limit BETWEEN 1 AND 20", name="per_user_limit"),
        CheckConstraint(f"voucher_uses BETWEEN 1 AND {MAX_USES}", name="voucher_uses"),
        CheckConstraint(f"voucher_minor BETWEEN 1 AND {MAX_AMOUNT}", name="voucher_minor"),
        CheckConstraint(
            "terms_id IS NOT NULL"
            " OR (voucher_uses = 1 AND voucher_minor IS NULL AND NOT claims_judged)",
            name="terms",
        ),
        CheckConstraint("starts_at < ends_at", name="window"),
        CheckConstraint("latitude BETWEEN -90 AND 90", name="latitude"),
        CheckConstraint("longitude BETWEEN -180 AND 180", name="longitude"),
        CheckConstraint("cardinality(pin_codes) <= 100", name="pin_codes"),
        CheckConstraint(
            """CASE discount_kind
            WHEN 'PERCENT' THEN percent BETWEEN 1 AND 100
                AND num_nonnulls(amount_minor, buy, get, free_item) = 0
            WHEN 'AMOUNT' THEN amount_minor > 0
                AND num_nonnulls(percent, buy, get, free_item) = 0
            WHEN 'BUY_GET' THEN buy BETWEEN 1 AND 100 AND get BETWEEN 1 AND 100
                AND num_nonnulls(percent, amount_minor, free_item) = 0
            WHEN 'FREE_ITEM' THEN free_item IS NOT NULL
                AND num_nonnulls(percent, amount_minor, buy, get) = 0
            END IS TRUE""",
            name="discount",
        ),
        CheckConstraint(
            "publish_at IS NULL OR (state = 'DRAFT' AND publish_at < ends_at)", name="publish_at"
        ),
        CheckConstraint(
            "publish_failure IS NULL OR (state = 'DRAFT' AND publish_at IS NULL)",
            name="publish_failure",
        ),
        CheckConstraint("schedules >= 0", name="schedules"),
        Index("offer_pin_codes_idx", "pin_codes", postgresql_using="gin"),
        Index("offer_position_idx", "position", postgresql_using="gist"),
        terms_index("offer"),
        similarity_index("offer"),
        Index("offer_created_at_idx", "created_at", "id"),
        Index("offer_ends_at_idx", "ends_at", "id"),
        Index("offer_country_idx", "country", "created_at", "id"),
        Index("offer_state_created_at_idx", "state", "created_at", "id"),
        Index("offer_state_ends_at_idx", "state", "ends_at", "id"),
        Index("offer_vendor_id_idx", "vendor_id", "created_at", "id"),
        Index("offer_category_id_idx", "category_id", "created_at", "id"),
    )
    __privacy__ = of_others(
        none=(
            "locale title description terms percent amount_minor currency buy get free_item"
            " capacity claimed per_user_limit voucher_uses voucher_minor country pin_codes"
            " latitude longitude position"
            " search_text publish_failure schedules external_id"
        )
    )

    vendor_id: UUID = foreign_key("vendor", index=False)
    external_id: ExternalId | None = Field(default=None, max_length=MAX_EXTERNAL_ID_LENGTH)
    category_id: UUID = foreign_key("category", index=False)
    state: OfferState = enum_column(OfferState, default=OfferState.DRAFT)
    locale: str = Field(max_length=16)
    title: dict[str, OfferTitle] = json()
    description: dict[str, OfferText] = json(default_factory=dict, sa_column_kwargs={"info": LONG})
    terms: dict[str, OfferText] = json(default_factory=dict, sa_column_kwargs={"info": LONG})

    discount_kind: DiscountKind = enum_column(DiscountKind)
    percent: int | None = None
    amount_minor: int | None = Field(default=None, sa_type=BigInteger)
    currency: str = Field(max_length=3)
    buy: int | None = None
    get: int | None = None
    free_item: dict[str, OfferTitle] | None = json(default=None)

    capacity: int | None = None
    claimed: int = 0
    per_user_limit: int = 1
    # The values of the newest terms that a claim needs, so that it reads no other table.
    terms_id: UUID | None = optional_foreign_key("offer_terms", circular=True)
    voucher_uses: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
    voucher_minor: int | None = Field(default=None, sa_type=BigInteger)
    claims_judged: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    starts_at: datetime = timestamp()
    ends_at: datetime = timestamp()
    published_at: datetime | None = timestamp(default=None)
    publish_at: datetime | None = timestamp(default=None)
    publish_failure: PublishFailure | None = open_enum_column(
        PublishFailure, default=None, nullable=True
    )
    schedules: int = Field(default=0, sa_column_kwargs={"server_default": "0"})

    country: str = Field(max_length=2)
    pin_codes: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False, info=LONG))
    latitude: float
    longitude: float
    position: str | None = position_column()
    search_text: str = Field(default="", sa_column_kwargs={"info": UNREAD})

    @property
    def remaining(self) -> int | None:
        """Return the vouchers left to claim; None if unlimited."""
        return None if self.capacity is None else self.capacity - self.claimed

    def lowest_unused(self, used: Set[int]) -> int:
        """Return the lowest number up to the limit per user. Raises `ClaimLimitReached`."""
        free = next((n for n in range(1, self.per_user_limit + 1) if n not in used), None)
        if free is None:
            raise ClaimLimitReached
        return free

    def ensure_claimable(self) -> None:
        if self.state is OfferState.EXPIRED or self.ends_at <= now():
            raise OfferEnded
        if self.state is not OfferState.PUBLISHED:
            raise OfferNotClaimable
        if self.starts_at > now():
            raise OfferNotStarted

    def ensure_publishable(self) -> None:
        self.state.ensure_can_become(OfferState.PUBLISHED)
        if self.ends_at <= now():
            raise OfferEnded

    def schedule(self, moment: datetime) -> None:
        """Have a draft published at a time. Raises `InvalidInput` unless it is ahead."""
        if self.state is not OfferState.DRAFT:
            raise InvalidOfferState("Only a draft can be scheduled.")
        if moment <= now():
            raise InvalidInput("Choose a time in the future.", field=["publishAt"])
        self.publish_at, self.publish_failure = moment, None
        self.ensure_published_before_end("publishAt")
        self.schedules += 1

    def unschedule(self, failure: PublishFailure | None = None) -> None:
        """Leave it to the vendor to publish a draft."""
        self.publish_at, self.publish_failure = None, failure

    def ensure_published_before_end(self, field: str) -> None:
        if self.publish_at is not None and self.publish_at >= self.ends_at:
            raise InvalidInput("A scheduled offer must end after it is published.", field=[field])

    def ensure_editable(self) -> None:
        if self.state in {OfferState.EXPIRED, OfferState.ARCHIVED}:
            raise InvalidOfferState("An offer that is {state} cannot be changed.", state=self.state)


class OfferLike(SQLModel, table=True):
    __tablename__ = "offer_like"
    __table_args__ = (Index("offer_like_offer_id_idx", "offer_id"),)
    __privacy__ = delete_rows()

    user_id: UUID = foreign_key("user", primary_key=True, index=False)
    offer_id: UUID = foreign_key("offer", primary_key=True, index=False)
    created_at: datetime = timestamp(default_factory=now)


class InvalidOfferState(Refusal):
    code = "OFFER_STATE"  # released clients know this code; do not rename it
    message = "The offer's state does not allow this. Reload the offer."
    meaning = "The offer is in a state that does not allow this action."
    remedy = "Refetch the offer's `state` and show only the actions that it allows."


class OfferNotClaimable(Refusal):
    message = "This offer cannot be claimed at the moment."
    meaning = "The offer is not published, so it cannot be claimed."
    remedy = "Refetch the offer."


class OfferNotStarted(Refusal):
    message = "This offer has not started yet."
    meaning = "The offer cannot be claimed before `startsAt`."
    remedy = "Show `startsAt`, and let the user claim it then."


class OfferEnded(Refusal):
    message = "This offer has ended."
    meaning = "The offer has ended."
    remedy = "Remove the offer from the screen."


class OfferSoldOut(Refusal):
    message = "This offer is sold out. Try again later: a voucher may be returned."
    meaning = "All vouchers of the offer are claimed."
    remedy = "Show it as sold out. A cancelled voucher becomes available again."


class ClaimLimitReached(Refusal):
    message = "You have reached this offer's limit of vouchers per user."
    meaning = "The viewer has claimed, or holds, as many vouchers of the offer as one user may."
    remedy = "Show the viewer's vouchers."
    constraint = ("voucher_claim_number_key", "voucher_holder_number_key")


class CapacityBelowClaimed(Refusal):
    message = "More vouchers than this have already been claimed. Choose a higher capacity."
    meaning = "The new capacity is lower than the number of claimed vouchers."
    remedy = "Refetch `claimed` and require at least that number."
    constraint = "offer_capacity_check"
