"""GraphQL types of rows, and fields that reach other rows."""

from collections.abc import Awaitable, Callable
from typing import Any, ClassVar, Generic, Self, TypeVar, cast, get_args
from uuid import UUID

import strawberry
from strawberry import relay
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.field import StrawberryField
from strawberry.types.fields.resolver import StrawberryResolver

from core.errors import BadInput, InvalidId
from core.keyset import Window
from core.statements.records import row_types
from engine.arguments import FirstOf, Locale
from engine.context import Info
from engine.loaders import Loader
from models.base import Row, localized

Table = TypeVar("Table", bound=Row)


class Rows(Generic[Table]):
    """A GraphQL type whose values are rows of a table, without a copy.

    A Node type names the loader of the rows that the viewer may see: `node(id)` uses it.

        class Offer(Rows[rows.Offer], relay.Node, access=visible_offer): ...
    """

    table: ClassVar[type[Row]]
    access: ClassVar[Loader[UUID, Any]]
    nodes: ClassVar[dict[str, type["Rows[Any]"]]] = {}

    def __init_subclass__(cls, *, access: Loader[UUID, Any] | None = None) -> None:
        super().__init_subclass__()
        for base in getattr(cls, "__orig_bases__", ()):
            if getattr(base, "__origin__", None) is Rows:
                (cls.table,) = get_args(base)
        if access is not None:
            cls.access = access
            Rows.nodes[cls.__name__] = cls
        elif issubclass(cls, relay.Node):
            raise TypeError(
                f"{cls.__name__} is a Node, so it needs `access=`: a loader of its rows."
            )

    @classmethod
    def wrap(cls, row: Table) -> Self:
        return cast("Self", row)

    @classmethod
    def wrap_optional(cls, row: Table | None) -> Self | None:
        return cast("Self | None", row)

    @classmethod
    def is_type_of(cls, value: object, _: object) -> bool:
        return isinstance(value, row_types(cls.table))


def decode_id(id: relay.GlobalID, of: type[Rows[Any]]) -> UUID:
    """Return the row's id. Raises `BadInput` for another type."""
    if id.type_name != of.__name__:
        raise BadInput(
            "Expected an id of type {wanted}, but got one of type {given}.",
            given=id.type_name[:40],
            wanted=of.__name__,
        )
    return decode_id_of_any_type(id)


def decode_id_of_any_type(id: relay.GlobalID) -> UUID:
    try:
        return UUID(id.node_id)
    except ValueError as error:
        raise InvalidId(id=str(id)) from error


def decode_optional_id(id: relay.GlobalID | None, of: type[Rows[Any]]) -> UUID | None:
    return decode_id(id, of) if id else None


def column(description: str) -> Any:
    """Declare a field that is read from the row's attribute of the same name."""
    return strawberry.field(description=description)


def field(description: str, **price: Any) -> Callable[[Callable[..., Any]], Any]:
    """Declare a field with a resolver.

    `cost`, `size` and `sized_by` set its price, `argument_costs` that of arguments, and
    `count_cost` that of counting a connection.
    """

    def decorate(resolver: Callable[..., Any]) -> Any:
        return strawberry.field(resolver=resolver, description=description, metadata=price)

    return decorate


def subscription(description: str) -> Callable[[Callable[..., Any]], Any]:
    """Declare a field of Subscription, which authorizes before it returns its stream."""

    def decorate(resolver: Callable[..., Any]) -> Any:
        return strawberry.subscription(resolver=resolver, description=description)

    return decorate


class Related(StrawberryField):
    """A field that a loader resolves, declared as data."""

    loader: Loader[Any, Any]
    by: str

    @property
    def is_basic_field(self) -> bool:
        return False

    def get_result(
        self, source: Any, info: Any, args: list[Any], kwargs: dict[str, Any]
    ) -> Awaitable[Any] | Any:
        value = getattr(source, self.by)
        return None if value is None else info.context.loaders[self.loader].load(value)


def related(loader: Loader[Any, Any], by: str, description: str, **price: Any) -> Any:
    """Declare a field that loads the row's attribute `by`. Null if the attribute is null.

    `size` is the longest length of a list.
    """
    field = Related(description=description, metadata=price)
    field.loader, field.by = loader, by
    return field


class RelatedPage(StrawberryField):
    """A field whose loader takes (`by`, size) and returns the newest rows, declared as data."""

    loader: Loader[tuple[UUID, int], Any]
    by: str

    @staticmethod
    def size(*, first: int) -> int:
        return Window(first=first).size


def related_page(
    loader: Loader[tuple[UUID, int], Any],
    of: Any,
    description: str,
    *,
    by: str = "id",
    default: int = 5,
) -> Any:
    """Declare the newest `first` children, in one statement for each level.

    `by` is the attribute with the parent's id.
    """

    async def resolve(root: strawberry.Parent[Any], info: Info, first: FirstOf = default) -> Any:
        size = RelatedPage.size(first=first)
        return await info.context.loaders[loader].load((getattr(root, by), size))

    field = RelatedPage(
        base_resolver=StrawberryResolver(resolve),
        type_annotation=StrawberryAnnotation(list[of]),
        description=description,
    )
    field.loader, field.by = loader, by
    return field


class LocalizedText(StrawberryField):
    """A field that chooses one of the texts in `column`, declared as data."""

    column: str

    def choose(self, source: Any, wanted: list[str]) -> str:
        return localized(getattr(source, self.column), wanted, getattr(source, "locale", "en"))


def localized_text(column: str, description: str) -> Any:
    """Declare localized text: in the requested locale, else the caller's, else the vendor's."""

    def resolve(root: strawberry.Parent[Any], info: Info, locale: Locale = None) -> str:
        return text.choose(root, [locale] if locale else info.context.locales)

    text = LocalizedText(base_resolver=StrawberryResolver(resolve), description=description)
    text.column = column
    return text
