"""Naming of constraints, types of columns and values, and localized text."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from inspect import signature
from typing import Annotated, Any
from uuid import UUID

from babel import Locale, UnknownLocaleError
from pydantic import AfterValidator, StringConstraints
from sqlalchemy import Column, Computed, DateTime, Enum, ForeignKey
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import UserDefinedType
from sqlmodel import Field, SQLModel

from core.clock import now
from core.countries import postal_codes
from core.ids import new_id
from models.errors import InvalidValue

SQLModel.metadata.naming_convention = {
    "pk": "%(table_name)s_pkey",
    "fk": "%(table_name)s_%(column_0_name)s_fkey",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "ix": "%(table_name)s_%(column_0_N_name)s_idx",
    "ck": "%(table_name)s_%(constraint_name)s_check",
}


# Constraints that are checked at commit: rows may come before those that they refer to, and change
# places or names with each other.
DEFERRED: dict[str, Any] = {"deferrable": True, "initially": "DEFERRED"}
# Marks a column that is for statements only, so that reads do not transfer it.
UNREAD = {"unread": True}
# Marks a table whose rows never change, as the last of its arguments. Triggers refuse changes to
# its owner, and no other role has the rights for them.
APPEND_ONLY: dict[str, Any] = {"info": {"append_only": True}}
# Marks a column of long texts, which is not sent again with each row that refers to its row.
LONG = {"long": True}


# Pydantic inspects the factories of defaults for each new row: a fifth of the time of a small one.
for _factory in (new_id, now):
    vars(_factory)["__signature__"] = signature(_factory)


class Row(SQLModel):
    """Base of tables with a UUIDv7 id and creation time."""

    id: UUID = Field(default_factory=new_id, primary_key=True)
    created_at: datetime = Field(default_factory=now, sa_type=DateTime(timezone=True))


def foreign_key(table: str, *, primary_key: bool = False, index: bool = True) -> Any:
    """Return a required foreign key, checked at commit.

    Without ORM relationships, a flush does not sort inserts by dependency.
    """
    return Field(sa_column=_reference(table, primary_key=primary_key, index=index))


def optional_foreign_key(table: str, *, index: bool = True, circular: bool = False) -> Any:
    """Return a foreign key that can be null. One that is `circular` does not order the tables."""
    column = _reference(table, nullable=True, index=index, circular=circular)
    return Field(default=None, sa_column=column)


def _reference(
    table: str,
    *,
    nullable: bool = False,
    primary_key: bool = False,
    index: bool = False,
    circular: bool = False,
) -> Column[UUID]:
    key = ForeignKey(f"{table}.id", use_alter=circular, **DEFERRED)
    return Column(key, nullable=nullable, primary_key=primary_key, index=index)


MAX_ENUM_NAME_LENGTH = 40


def enum_column(kind: type[StrEnum], **options: Any) -> Any:
    """Return a column of enum names, with a CHECK constraint."""
    return Field(sa_type=_enum(kind, create_constraint=True), **options)


def open_enum_column(kind: type[StrEnum], **options: Any) -> Any:
    """Return a column of enum names to which domains add, so that a new one needs no migration."""
    return Field(sa_type=_enum(kind, create_constraint=False), **options)


def _enum(kind: type[StrEnum], *, create_constraint: bool) -> Enum:
    return Enum(
        kind,
        native_enum=False,
        create_constraint=create_constraint,
        name=kind.__name__.lower(),
        length=MAX_ENUM_NAME_LENGTH,
    )


class Cube(UserDefinedType[str]):
    """A point of the extension `cube`, from `ll_to_earth`, in metres."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        return "cube"


def position_column() -> Any:
    """Return the column with the point of a row's coordinates, by which it is near a place."""
    point = Computed("ll_to_earth(latitude, longitude)", persisted=True)
    return Field(default=None, sa_column=Column(Cube, point, info=UNREAD))


def json(**options: Any) -> Any:
    """Return a JSONB column. Assign a new value: in-place changes are not saved."""
    return Field(sa_type=JSONB(none_as_null=True), **options)


def timestamp(**options: Any) -> Any:
    return Field(sa_type=DateTime(timezone=True), **options)


def _known_locale(tag: str) -> str:
    try:
        Locale.parse(tag, sep="-")
    except (ValueError, UnknownLocaleError) as error:
        raise InvalidValue(
            "“{tag}” is not a valid language tag. Use one such as en or pt-BR.", tag=tag
        ) from error
    return tag


MAX_LOCALES = 20  # of one text
PinCode = Annotated[
    str,
    StringConstraints(max_length=20),
    AfterValidator(postal_codes.normalize),
    StringConstraints(pattern=r"^[A-Z0-9]{3,10}$"),
]
LocaleTag = Annotated[str, Field(max_length=16), AfterValidator(_known_locale)]
MAX_LOCALE_TAG_LENGTH = 35  # RFC 5646, 4.4.1


def localized(texts: dict[str, str], wanted: list[str], own: str) -> str:
    """Return the text in the first available locale, else in the owner's.

    Unavailable tags are shortened from the end (RFC 4647, lookup), after their length is limited: a
    tag of thousands of subtags would take a tenth of a second. Then any variant of the language is
    taken: a reader of `pt` understands pt-BR. Systems such as Android write `hi_IN` for hi-IN.
    """
    if len(texts) == 1:
        return next(iter(texts.values()))
    if not wanted:
        return texts.get(own) or next(iter(texts.values()), "")
    if (text := texts.get(wanted[0][:MAX_LOCALE_TAG_LENGTH])) is not None:
        return text
    known = {tag.lower(): text for tag, text in texts.items()}
    for locale in wanted:
        tag = language = locale[:MAX_LOCALE_TAG_LENGTH].replace("_", "-").lower()
        while tag:
            if tag in known:
                return known[tag]
            language, tag = tag, tag.rpartition("-")[0]
        for other, text in known.items():
            if other.partition("-")[0] == language:
                return text
    return texts.get(own) or next(iter(texts.values()), "")


def localized_texts(
    texts: Sequence[dict[str, str]], wanted: list[str], owns: Iterable[str]
) -> list[str]:
    """Return what `localized` returns for each. Most are empty or in the first language."""
    first = wanted[0][:MAX_LOCALE_TAG_LENGTH] if wanted else None
    return [
        (one.get(own if first is None else first) or localized(one, wanted, own)) if one else ""
        for one, own in zip(texts, owns, strict=False)
    ]
