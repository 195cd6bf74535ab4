"""GraphQL types of rows, and fields that reach other rows."""

import functools
import inspect
from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any, ClassVar, Generic, Self, TypeVar, cast, get_args
from uuid import UUID

import strawberry
from strawberry import relay
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.fields.resolver import StrawberryResolver

from core.statements.records import row_types
from engine.arguments import FirstOf, Locale
from engine.context import Info
from engine.field_kinds import Column, Loaded, LocalizedColumn, Related, RelatedByKind, RelatedPage
from engine.ids import decoding
from engine.loaders import Loader
from models.base import Row

Table = TypeVar("Table", bound=Row)
Needs = tuple[str, ...] | None


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


def column(
    description: str,
    *,
    of: str | None = None,
    needs: Needs = None,
    volatile: bool = False,
    domain: str | None = None,
) -> Any:
    """Declare a field that is read from the row's attribute of the same name, or from `of`.

    `of` can lead through attributes: `upload.width`. Declare in `needs` which columns a property
    reads. A `volatile` column, such as a counter, changes without a signal. `domain` names the
    scope that an API token needs, if it is not that of the module (`engine/domains.py`).
    """
    metadata: dict[str, Any] = {} if needs is None else {"needs": needs}
    if domain is not None:
        metadata["domain"] = domain
    if volatile:
        metadata["volatile"] = True
    if of is None:
        return strawberry.field(description=description, metadata=metadata)
    field = Column(description=description, metadata=metadata)
    field.attribute = of
    return field


def optional(description: str, default: Any = None) -> Any:
    """Declare a field of an input that can be left out."""
    return strawberry.field(default=default, description=description)


def field(
    description: str, *, needs: Needs = None, **price: Any
) -> Callable[[Callable[..., Any]], Any]:
    """Declare a field with a resolver, which is called for each object.

    `needs` are the attributes of the row that it reads; without them, it can read any.
    `cost`, `size` and `sized_by` set its price, `argument_costs` that of arguments, and
    `count_cost` that of counting a connection; `domain` names its scope (`engine/domains.py`). With
    `public`, answers with it are kept, and one that is also `volatile` for a second
    (`engine/public_answers/public_fields.py`).
    """
    metadata = price if needs is None else price | {"needs": needs}

    def decorate(resolver: Callable[..., Any]) -> Any:
        return strawberry.field(
            resolver=decoding(resolver), description=description, metadata=metadata
        )

    return decorate


def subscription(description: str, **metadata: Any) -> Callable[[Callable[..., Any]], Any]:
    """Declare a field of Subscription, which authorizes before it returns its stream."""

    def decorate(resolver: Callable[..., Any]) -> Any:
        return strawberry.subscription(
            resolver=decoding(resolver), description=description, metadata=metadata
        )

    return decorate


def related(
    loader: Loader[Any, Any], by: str | tuple[str, ...], description: str, **price: Any
) -> Any:
    """Declare a field that loads the row's attribute `by`. Null if the attribute is null.

    Several attributes make a tuple. `size` is the longest length of a list. Declare in `needs`
    which columns a property reads.
    """
    field = Related(description=description, metadata=price)
    field.init = False  # of types that are made in Python, such as connections
    field.loader, field.by = loader, by
    return field


def related_by_kind(
    find_loaders: Callable[[], Mapping[Any, Loader[Any, Any]]],
    kind: str,
    by: str,
    description: str,
) -> Any:
    """Declare a field whose loader depends on the row's attribute `kind`. Null without one.

    `find_loaders` is called at the first use, so that it can name types of other domains.
    """
    field = RelatedByKind(description=description)
    field.init = False  # of types that are made in Python
    field.find_loaders, field.kind, field.by = find_loaders, kind, by
    return field


def loaded(
    loader: Loader[Any, Any], by: str, description: str, **price: Any
) -> Callable[[Callable[..., Any]], Any]:
    """Declare a field that a function makes of the row and a loaded value.

    The loader gets the keys of all rows at once, as for `related`. The value is None if `by` is.
    Without `needs`, the function reads no other column of the row than `by`.
    """

    def decorate(make: Callable[..., Any]) -> Any:
        field = Loaded(
            base_resolver=StrawberryResolver(_load_and_make(loader, by, make)),
            description=description,
            metadata=price,
        )
        field.loader, field.by, field.make = loader, by, make
        return field

    return decorate


def _load_and_make(
    loader: Loader[Any, Any], by: str, make: Callable[..., Any]
) -> Callable[..., Any]:
    """Return the resolver for graphql-core, with the arguments and the type of `make`."""
    signature = inspect.signature(make)
    root, _, *others = signature.parameters.values()
    takes_info = "info" in signature.parameters

    async def resolve(**given: Any) -> Any:
        row, info = given.pop(root.name), given.pop("info")
        key = attrgetter(by)(row)
        value = None if key is None else await info.context.loaders[loader].load(key)
        return make(row, value, **given, **({"info": info} if takes_info else {}))

    parameters = {one.name: one.replace(kind=one.KEYWORD_ONLY) for one in (root, *others)}
    parameters.setdefault("info", inspect.Parameter("info", root.KEYWORD_ONLY, annotation=Info))
    functools.update_wrapper(resolve, make)
    function: Any = resolve
    function.__signature__ = signature.replace(parameters=[*parameters.values()])
    function.__annotations__ = {one.name: one.annotation for one in parameters.values()}
    function.__annotations__["return"] = signature.return_annotation
    return resolve


def related_page(
    loader: Loader[tuple[UUID, int], Any],
    of: Any,
    description: str,
    *,
    by: str = "id",
    default: int = 5,
    **metadata: Any,
) -> Any:
    """Declare the newest `first` children, in one statement for each level.

    `by` is the attribute with the parent's id.
    """

    async def resolve(root: strawberry.Parent[Any], info: Info, first: FirstOf = default) -> Any:
        size = RelatedPage.size(first=first)
        return await info.context.loaders[loader].load((attrgetter(by)(root), size))

    field = RelatedPage(
        base_resolver=StrawberryResolver(resolve),
        type_annotation=StrawberryAnnotation(list[of]),
        description=description,
        metadata=metadata,
    )
    field.loader, field.by = loader, by
    return field


def localized_text(column: str, description: str) -> Any:
    """Declare localized text: in the requested locale, else the caller's, else the vendor's."""

    def resolve(root: strawberry.Parent[Any], info: Info, locale: Locale = None) -> str:
        return text.choose(root, [locale] if locale else info.context.locales)

    text = LocalizedColumn(base_resolver=StrawberryResolver(resolve), description=description)
    text.column = column
    return text
