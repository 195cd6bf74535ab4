"""How a GraphQL type stands for a row, and how fields reach other rows."""

from collections.abc import Awaitable, Callable
from typing import Any, ClassVar, Generic, Self, TypeVar, cast, get_args
from uuid import UUID

import strawberry
from strawberry.types.field import StrawberryField
from strawberry.types.fields.resolver import StrawberryResolver

from core.errors import BadInput
from core.keyset import MOST
from engine.arguments import FirstOf, Locale
from engine.context import Info
from engine.loaders import Loader
from models.base import Row, localized

Table = TypeVar("Table", bound=Row)


class Rows(Generic[Table]):
    """A GraphQL type whose values are rows of a table, handed over as they are."""

    table: ClassVar[type[Row]]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        for base in getattr(cls, "__orig_bases__", ()):
            if getattr(base, "__origin__", None) is Rows:
                (cls.table,) = get_args(base)

    @classmethod
    def of(cls, row: Table) -> Self:
        """The row itself, under the name of its GraphQL type."""
        return cast("Self", row)

    @classmethod
    def maybe(cls, row: Table | None) -> Self | None:
        return cast("Self | None", row)

    @classmethod
    def is_type_of(cls, value: object, _: object) -> bool:
        return isinstance(value, cls.table)


def decode_id(id: strawberry.relay.GlobalID, of: type[Rows[Any]]) -> UUID:
    """The row's id in a global id of this type. `BadInput` for one of another type."""
    if id.type_name != of.__name__:
        raise BadInput(
            "Expected an id of type {wanted}, but got one of type {given}.",
            given=id.type_name[:40],
            wanted=of.__name__,
        )
    try:
        return UUID(id.node_id)
    except ValueError as error:
        raise BadInput("This is not a valid id.") from error


def column(description: str) -> Any:
    """A plain field, read from the row's attribute of the same name."""
    return strawberry.field(description=description)


def field(description: str, **price: Any) -> Callable[[Callable[..., Any]], Any]:
    """A field that a function answers. Its `cost`, `size` or `sized_by` are what pricing reads."""

    def decorate(resolver: Callable[..., Any]) -> Any:
        return strawberry.field(resolver=resolver, description=description, metadata=price)

    return decorate


def subscription(description: str) -> Callable[[Callable[..., Any]], Any]:
    """A root field of Subscription: checks rights first, and then returns its stream."""

    def decorate(resolver: Callable[..., Any]) -> Any:
        return strawberry.subscription(resolver=resolver, description=description)

    return decorate


class Related(StrawberryField):
    """A field answered by a loader, declared as data."""

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


def related(loader: Loader[Any, Any], by: str, description: str) -> Any:
    """What `loader` gives for the attribute `by` of this row; null where that is null."""
    field = Related(description=description)
    field.loader, field.by = loader, by
    return field


def related_page(
    loader: Loader[tuple[UUID, int], Any],
    of: Any,
    description: str,
    *,
    by: str = "id",
    default: int = 5,
) -> Any:
    """The newest children of this row, up to `first` of them, in one statement for a level.

    `by` is whose children they are, where that is another row.
    """

    async def resolve(root: strawberry.Parent[Any], info: Info, first: FirstOf = default) -> Any:
        if not 0 <= first <= MOST:
            raise BadInput("A page must have between 0 and {most} entries.", most=MOST)
        return (await info.context.loaders[loader].load((getattr(root, by), first)))[:first]

    return _typed(resolve, list[of], description)


def localized_text(column: str, description: str) -> Any:
    """Localized text of a row: in the asked locale, else the caller's, else the vendor's own."""

    def resolve(root: strawberry.Parent[Any], info: Info, locale: Locale = None) -> str:
        wanted = [locale] if locale else info.context.locales
        return localized(getattr(root, column), wanted, getattr(root, "locale", "en"))

    return strawberry.field(resolver=resolve, description=description)


def _typed(resolve: Callable[..., Any], type_: Any, description: str) -> Any:
    return strawberry.field(
        resolver=StrawberryResolver(resolve), graphql_type=type_, description=description
    )
