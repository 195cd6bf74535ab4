"""Saved searches of offers, and the offers that were published since and match them."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel
from pydantic import Field as Range
from sqlalchemy import CheckConstraint, Column, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY
from sqlmodel import Field

from core.clock import now
from models.base import (
    UNREAD,
    PinCode,
    Row,
    enum_column,
    foreign_key,
    optional_foreign_key,
    timestamp,
)
from models.errors import Refusal
from models.offers.offers import DiscountKind
from models.personal_data import delete_rows
from models.text import MAX_NAME_LENGTH, Name, OneLine, one_line_constraint

MAX_SAVED_SEARCHES = 50  # of a user
MAX_SEARCH_TEXT_LENGTH = 100
MAX_WITHIN_KM = 500

SearchText = Annotated[str, OneLine(MAX_SEARCH_TEXT_LENGTH)]


class SearchNotices(StrEnum):
    """When a user is notified of new offers that match a saved search."""

    INSTANT = "INSTANT"
    DAILY = "DAILY"
    OFF = "OFF"


class SavedSearch(Row, table=True):
    """Conditions on offers that a user has saved. All of them must hold.

    Offers that were published up to `seen_upto` are old, and never match. `anchors` are the keys of
    the rarest condition: an offer that matches has one of them, so that they find the few searches
    that a new offer is compared with. `query` has the words of `search`, null without any.
    """

    __tablename__ = "saved_search"
    __table_args__ = (
        UniqueConstraint("user_id", "name"),
        Index("saved_search_user_id_idx", "user_id", "created_at", "id"),
        Index(
            "saved_search_anchors_idx",
            "anchors",
            postgresql_using="gin",
            postgresql_with={"fastupdate": "off"},  # a publication would read what waits
        ),
        one_line_constraint("name"),
        one_line_constraint("search"),
        CheckConstraint("cardinality(anchors) BETWEEN 1 AND 200", name="anchors"),
        CheckConstraint("country ~ '^[A-Z]{2}$'", name="country"),
        CheckConstraint("pin_code ~ '^[A-Z0-9]{3,10}$'", name="pin_code"),
        CheckConstraint(
            "cardinality(discount_kinds) BETWEEN 1 AND 4"
            " AND discount_kinds <@ ARRAY['PERCENT', 'AMOUNT', 'BUY_GET', 'FREE_ITEM']",
            name="discount_kinds",
        ),
        CheckConstraint("discount_at_least BETWEEN 1 AND 100", name="discount_at_least"),
        CheckConstraint("latitude BETWEEN -90 AND 90", name="latitude"),
        CheckConstraint("longitude BETWEEN -180 AND 180", name="longitude"),
        CheckConstraint(f"within_km > 0 AND within_km <= {MAX_WITHIN_KM}", name="within_km"),
        CheckConstraint("num_nonnulls(latitude, longitude, within_km) IN (0, 3)", name="circle"),
    )
    __privacy__ = delete_rows(
        personal=(
            "name search country pin_code discount_kinds discount_at_least latitude longitude"
            " within_km anchors query"
        ),
        id="vendor_id category_id city_id",
    )

    user_id: UUID = foreign_key("user", index=False)
    name: Name = Field(max_length=MAX_NAME_LENGTH)
    search: SearchText | None = Field(default=None, max_length=MAX_SEARCH_TEXT_LENGTH)
    vendor_id: UUID | None = optional_foreign_key("vendor")
    category_id: UUID | None = optional_foreign_key("category")
    city_id: UUID | None = optional_foreign_key("city")
    country: str | None = Field(default=None, max_length=2)
    pin_code: PinCode | None = Field(default=None, max_length=12)
    discount_kinds: list[str] | None = Field(default=None, sa_column=Column(ARRAY(Text)))
    discount_at_least: int | None = None
    latitude: float | None = None
    longitude: float | None = None
    within_km: float | None = None
    anchors: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False, info=UNREAD))
    query: str | None = Field(default=None, sa_column=Column(TSQUERY, info=UNREAD))
    notices: SearchNotices = enum_column(SearchNotices, default=SearchNotices.INSTANT)
    seen_upto: datetime = timestamp(default_factory=now)

    def has(self, conditions: "SearchConditions") -> bool:
        """Return whether it has exactly these conditions."""
        return all(getattr(self, key) == value for key, value in conditions.columns().items())


class SavedSearchHit(Row, table=True):
    """An offer that matches a saved search, once. `waiting` is for the next daily message."""

    __tablename__ = "saved_search_hit"
    __table_args__ = (
        UniqueConstraint("search_id", "offer_id"),
        Index("saved_search_hit_search_id_idx", "search_id", "created_at", "id"),
        Index("saved_search_hit_offer_id_idx", "offer_id"),
        Index("saved_search_hit_unseen_idx", "search_id", postgresql_where=text("NOT seen")),
        Index("saved_search_hit_waiting_idx", "created_at", postgresql_where=text("waiting")),
    )
    __privacy__ = delete_rows(of="search_id")

    search_id: UUID = foreign_key("saved_search", index=False)
    offer_id: UUID = foreign_key("offer", index=False)
    seen: bool = False
    waiting: bool = False


class SearchConditions(BaseModel, frozen=True):
    """Validated conditions of a saved search. None is no condition."""

    search: SearchText | None = None
    vendor_id: UUID | None = None
    category_id: UUID | None = None
    city_id: UUID | None = None
    country: str | None = None
    pin_code: PinCode | None = None
    discount_kinds: list[DiscountKind] | None = None
    discount_at_least: Annotated[int, Range(ge=1, le=100)] | None = None
    latitude: float | None = None
    longitude: float | None = None
    within_km: float | None = None

    def columns(self) -> dict[str, Any]:
        """Return the values of the columns of a saved search. Kinds are sorted, each once."""
        kinds = sorted({str(kind) for kind in self.discount_kinds or ()})
        return self.model_dump() | {"discount_kinds": kinds or None}


class SavedSearchName(BaseModel, frozen=True):
    """Validated name of a saved search."""

    name: Name


class SavedSearchLimitReached(Refusal):
    message = "You can have at most {most} saved searches. Delete one first."
    meaning = "The user has the maximum number of saved searches."
    remedy = "List the saved searches, so that the user can delete one."


class SavedSearchNameTaken(Refusal):
    message = "You already have a saved search with this name. Choose another one."
    meaning = "Another saved search of the user, with other conditions, has this name."
    remedy = "Ask for another name, or change the existing one with `updateSavedSearch`."
    constraint = "saved_search_user_id_name_key"
