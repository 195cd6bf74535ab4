"""Kinds of fields whose reading is declared as data, so that the executor can plan it."""

from collections.abc import Awaitable, Callable, Mapping
from functools import cached_property
from operator import attrgetter
from typing import Any
from uuid import UUID

from strawberry.types.field import StrawberryField

from core.keyset import Window
from engine.loaders import Loader
from models.base import localized

DEFAULT_LOCALE = "en"  # of rows without `locale`


class Column(StrawberryField):
    """A field that is read from an attribute of another name."""

    attribute: str

    def get_result(
        self, source: Any, info: Any, args: list[Any], kwargs: dict[str, Any]
    ) -> Awaitable[Any] | Any:
        return attrgetter(self.attribute)(source)


class Related(StrawberryField):
    """A field that a loader resolves."""

    loader: Loader[Any, Any]
    by: str | tuple[str, ...]

    @property
    def is_basic_field(self) -> bool:
        return False

    def key_of(self) -> Callable[[Any], Any]:
        return attrgetter(*attributes(self.by))

    def get_result(
        self, source: Any, info: Any, args: list[Any], kwargs: dict[str, Any]
    ) -> Awaitable[Any] | Any:
        value = self.key_of()(source)
        return None if value is None else info.context.loaders[self.loader].load(value)


class RelatedByKind(StrawberryField):
    """A field that one of several loaders resolves, by an attribute of the row."""

    find_loaders: Callable[[], Mapping[Any, Loader[Any, Any]]]
    kind: str
    by: str

    @cached_property
    def loaders(self) -> Mapping[Any, Loader[Any, Any]]:
        """Return the loader of each kind, found once all domains have been imported."""
        return self.find_loaders()

    @property
    def is_basic_field(self) -> bool:
        return False

    def key_of(self, source: Any) -> tuple[Loader[Any, Any], Any] | None:
        """Return the loader and its key. None if either is missing."""
        loader, key = self.loaders.get(getattr(source, self.kind)), getattr(source, self.by)
        return None if loader is None or key is None else (loader, key)

    def get_result(
        self, source: Any, info: Any, args: list[Any], kwargs: dict[str, Any]
    ) -> Awaitable[Any] | Any:
        found = self.key_of(source)
        if found is None:
            return None
        loader, key = found
        return info.context.loaders[loader].load(key)


class RelatedPage(StrawberryField):
    """A field whose loader takes (`by`, size) and returns the newest rows."""

    loader: Loader[tuple[UUID, int], Any]
    by: str

    @staticmethod
    def size(*, first: int) -> int:
        return Window(first=first).size


class Loaded(StrawberryField):
    """A field that `make` makes of the row and of what a loader finds."""

    loader: Loader[Any, Any]
    by: str
    make: Callable[..., Any]


class LocalizedColumn(StrawberryField):
    """A field that chooses one of the texts in `column`."""

    column: str

    def choose(self, source: Any, wanted: list[str]) -> str:
        own = getattr(source, "locale", DEFAULT_LOCALE)
        return localized(attrgetter(self.column)(source), wanted, own)


NODE_ID = "_id"  # the name in Python of the field `id` of `relay.Node`


def needs(field: StrawberryField) -> frozenset[str] | None:
    """Return the attributes of the row that a field reads; None if that is unknown.

    `needs` of the declaration come first: a property reads other columns. A row without `locale`
    has texts in one language only.
    """
    extended = [getattr(one, "needs", None) for one in field.extensions]
    if None in extended or (own := _own_needs(field)) is None:
        return None
    return frozenset(own).union(*(one for one in extended if one))


def _own_needs(field: StrawberryField) -> tuple[str, ...] | None:
    declared: tuple[str, ...] | None = field.metadata.get("needs")
    if declared is None and field.python_name == NODE_ID:
        return ("id",)
    if declared is None and not (field.base_resolver and type(field) is StrawberryField):
        return _attributes_of_kind(field)
    return declared


def _attributes_of_kind(field: StrawberryField) -> tuple[str, ...]:
    match field:
        case Column():
            return (field.attribute,)
        case Related() | RelatedPage() | Loaded():
            return attributes(field.by)
        case RelatedByKind():
            return (field.kind, field.by)
        case LocalizedColumn():
            return (field.column, "locale")
    return (field.python_name,)


def attributes(by: str | tuple[str, ...]) -> tuple[str, ...]:
    return (by,) if isinstance(by, str) else by
