"""Names that are suggested while a user types: of vendors, categories and cities with offers."""

from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel

from models.base import enum_column
from models.personal_data import of_others

MAX_SUGGESTION_LENGTH = 160


class SuggestionKind(StrEnum):
    """TERM is a word of offers, which the vocabulary has; the others are rows of their tables."""

    TERM = "TERM"
    VENDOR = "VENDOR"
    CATEGORY = "CATEGORY"
    CITY = "CITY"


class StoredSuggestion(SQLModel, table=True):
    """A name from one of its words on, as of ten minutes ago.

    `key` is without case and accents. `weight` is the number of listed offers of the target.
    """

    __tablename__ = "suggestion"
    __table_args__ = (
        CheckConstraint("weight > 0", name="weight"),
        CheckConstraint("kind <> 'TERM'", name="stored"),
        CheckConstraint(f"char_length(key) BETWEEN 1 AND {MAX_SUGGESTION_LENGTH}", name="key"),
        Index(
            "suggestion_key_idx",
            "key",
            postgresql_ops={"key": "text_pattern_ops"},
            postgresql_include=["weight", "kind"],
        ),
        Index(
            "suggestion_similar_idx",
            "key",
            postgresql_using="gin",
            postgresql_ops={"key": "gin_trgm_ops"},
            postgresql_with={"fastupdate": "off"},  # a search would read what waits
        ),
        Index("suggestion_kind_idx", "kind", "target_id"),
    )
    __privacy__ = of_others(none="target_id key name weight latitude longitude")

    target_id: UUID = Field(primary_key=True)
    key: str = Field(primary_key=True)
    kind: SuggestionKind = enum_column(SuggestionKind)
    name: str
    weight: int
    latitude: float | None = None
    longitude: float | None = None
