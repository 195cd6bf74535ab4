"""Narrow rows that public lists of offers are read from, one for each live offer.

They are derived from offers and their vendors, in the transaction that changes these
(`services/offers/listings.py`). Claims and likes change none of them.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Computed,
    Connection,
    ForeignKey,
    Identity,
    Index,
    SmallInteger,
    UniqueConstraint,
    event,
    text,
)
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlmodel import Field, SQLModel

from models.base import DEFERRED, UNREAD, Row, enum_column, timestamp
from models.offers.offers import DiscountKind
from models.personal_data import of_others
from models.text import one_line_constraint

# For a schema that is created from the models. The operators | & << bind from left to right.
CELL_OF = """
CREATE OR REPLACE FUNCTION cell_of(latitude double precision, longitude double precision)
RETURNS bigint LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    x bigint := least(2147483647, floor((longitude + 180) / 360 * 2147483648)::bigint);
    y bigint := least(2147483647, floor((latitude + 90) / 180 * 2147483648)::bigint);
BEGIN
    x := (x | (x << 16)) & 281470681808895;     y := (y | (y << 16)) & 281470681808895;
    x := (x | (x << 8)) & 71777214294589695;    y := (y | (y << 8)) & 71777214294589695;
    x := (x | (x << 4)) & 1085102592571150095;  y := (y | (y << 4)) & 1085102592571150095;
    x := (x | (x << 2)) & 3689348814741910323;  y := (y | (y << 2)) & 3689348814741910323;
    x := (x | (x << 1)) & 6148914691236517205;  y := (y | (y << 1)) & 6148914691236517205;
    RETURN x | (y << 1);
END $$
"""
IN_CIRCLE = ["ends_at", "latitude", "longitude", "offer_id"]  # read from the index alone


def _with_row(table: str, column: str) -> Any:
    """Return the primary key of a row that is deleted together with another one."""
    key = ForeignKey(f"{table}.{column}", ondelete="CASCADE", **DEFERRED)
    return Field(sa_column=Column(key, primary_key=True))


def _newest(*columns: str) -> Index:
    """Return an index of lists, which read it alone."""
    name = f"listing_{columns[0]}_idx"
    return Index(name, *columns, "offer_id", postgresql_include=["ends_at"])


class City(Row, table=True):
    """A city in which an approved vendor is or was. `key` is its name in lower case.

    Name and coordinates are those of the first vendor.
    """

    __table_args__ = (
        UniqueConstraint("country", "key"),
        CheckConstraint("latitude BETWEEN -90 AND 90", name="latitude"),
        CheckConstraint("longitude BETWEEN -180 AND 180", name="longitude"),
        one_line_constraint("name"),
        one_line_constraint("key"),
    )
    __privacy__ = of_others(none="country key name latitude longitude")

    country: str = Field(max_length=2)
    key: str = Field(max_length=160)
    name: str = Field(max_length=80)
    latitude: float
    longitude: float


class ListedOffer(SQLModel, table=True):
    """A published offer of an approved vendor, until it ends or soon after.

    `root_id` is the top-level category above `category_id`, and `place` the cell of the coordinates
    (`core/cells.py`). `percent` is null for other kinds of discounts. `words` are those of the
    texts (`core/words.py`), null until a job has read them, and what narrows a search.
    """

    __tablename__ = "listing"
    __table_args__ = (
        _newest("published_at"),
        Index("listing_ends_at_idx", "ends_at", "offer_id"),
        *(
            _newest(column, "published_at")
            for column in ("vendor_id", "root_id", "category_id", "city_id", "country")
        ),
        Index("listing_place_idx", "place", postgresql_include=IN_CIRCLE),
        Index("listing_root_id_place_idx", "root_id", "place", postgresql_include=IN_CIRCLE),
        Index(
            "listing_category_id_place_idx", "category_id", "place", postgresql_include=IN_CIRCLE
        ),
        Index(
            "listing_words_idx",
            "words",
            postgresql_using="gin",
            postgresql_with={"fastupdate": "off"},  # a search would read what waits
        ),
        Index("listing_wordless_idx", "offer_id", postgresql_where=text("words IS NULL")),
    )
    __privacy__ = of_others(
        none=(
            "vendor_id category_id root_id city_id country percent place latitude longitude words"
        )
    )

    offer_id: UUID = _with_row("offer", "id")
    vendor_id: UUID
    category_id: UUID
    root_id: UUID
    city_id: UUID | None = None
    country: str = Field(max_length=2)
    kind: DiscountKind = enum_column(DiscountKind)
    percent: int | None = Field(default=None, sa_type=SmallInteger)
    starts_at: datetime = timestamp()
    ends_at: datetime = timestamp()
    published_at: datetime = timestamp()
    latitude: float
    longitude: float
    place: int | None = Field(
        default=None,
        sa_column=Column(BigInteger, Computed("cell_of(latitude, longitude)", persisted=True)),
    )
    words: str | None = Field(default=None, sa_column=Column(TSVECTOR, info=UNREAD))


@event.listens_for(SQLModel.metadata.tables["listing"], "before_create")
def _create_function(_: object, connection: Connection, **__: object) -> None:
    connection.exec_driver_sql(CELL_OF)


class ListedPin(SQLModel, table=True):
    """A postal code that a listed offer serves."""

    __tablename__ = "listing_pin"
    __table_args__ = (
        Index(
            "listing_pin_pin_idx",
            "pin",
            "published_at",
            "offer_id",
            postgresql_include=["ends_at"],
        ),
        CheckConstraint("pin ~ '^[A-Z0-9]{3,10}$'", name="pin"),
    )
    __privacy__ = of_others(none="pin")

    offer_id: UUID = _with_row("listing", "offer_id")
    pin: str = Field(max_length=12, primary_key=True)
    published_at: datetime = timestamp()
    ends_at: datetime = timestamp()


class OfferRank(SQLModel, table=True):
    """How popular a listed offer is, refreshed once a minute if it has changed."""

    __tablename__ = "listing_rank"
    __table_args__ = (
        Index("listing_rank_likes_idx", "likes", "offer_id"),
        Index("listing_rank_claims_idx", "claims", "offer_id"),
        Index("listing_rank_quality_idx", "quality", "offer_id"),
        Index("listing_rank_root_id_idx", "root_id", "quality", "offer_id"),
        Index("listing_rank_city_id_idx", "city_id", "quality", "offer_id"),
        CheckConstraint("likes >= 0", name="likes"),
        CheckConstraint("claims >= 0", name="claims"),
    )
    __privacy__ = of_others(none="root_id city_id likes claims quality")

    offer_id: UUID = _with_row("listing", "offer_id")
    root_id: UUID
    city_id: UUID | None = None
    likes: int = 0
    claims: int = 0
    quality: int = 0


class RankChange(SQLModel, table=True):
    """An offer that was liked, unliked, or whose voucher was cancelled, since its last rank."""

    __tablename__ = "rank_change"
    __privacy__ = of_others(none="offer_id")

    id: int | None = Field(
        default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True)
    )
    offer_id: UUID
