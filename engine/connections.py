"""Relay connections over keyset pages, declared by what they list."""

import asyncio
import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Annotated, Any, ForwardRef, Generic, Self, TypeVar, get_args, get_origin

import strawberry
from strawberry.types.fields.resolver import StrawberryResolver
from strawberry.types.lazy_type import StrawberryLazyReference

from core.keyset import MAX_COUNT, Count, Listing, Page, Window
from engine.arguments import After, Before, First, Last
from engine.context import Info
from engine.ids import decode_arguments, id_arguments
from engine.limits.cost import COUNT_COST
from engine.reads import lists
from engine.reads.planned_info import PlannedInfo
from engine.types import field
from services.search import MAX_FOUND

Node = TypeVar("Node")

PAGE_ARGUMENTS: Mapping[str, Any] = {
    "first": First,
    "after": After,
    "last": Last,
    "before": Before,
}


@strawberry.type(description="Information for pagination.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether entries follow this page.")
    has_previous_page: bool = strawberry.field(description="Whether entries precede this page.")
    start_cursor: str | None = strawberry.field(
        description="The cursor of the first entry. Null if the page is empty."
    )
    end_cursor: str | None = strawberry.field(
        description="The cursor of the last entry. Null if the page is empty."
    )


@strawberry.type(description="An entry of a list, with its cursor.")
class Edge(Generic[Node]):
    cursor: str = strawberry.field(description="The entry's cursor, for `after` or `before`.")
    node: Node = strawberry.field(description="The entry.")

    @classmethod
    def at(cls, page: Page[Any], place: int) -> Self:
        return cls(cursor=page.cursor(place), node=page.rows[place])


@strawberry.type(description="A page of a list.")
class Connection(Generic[Node]):
    # Its fields declare in `needs` which columns of the page's rows they read themselves.

    page: strawberry.Private[Page[Any]]
    listing: strawberry.Private[Listing[Any]]
    parent: strawberry.Private[Any]
    journal_cursor: strawberry.Private[str | None] = None
    counted: strawberry.Private[asyncio.Future[Count] | None] = None

    @classmethod
    async def resolve_connection(
        cls, listing: Listing[Any], *, info: Info, window: Window, parent: Any
    ) -> Self:
        """Return a page, in one statement.

        The cursor is read before the page, so that no change is lost between the two.
        """
        cursor = await info.context.cursor(*listing.topics) if listing.topics else None
        selected = info.selected if isinstance(info, PlannedInfo) else None
        page = await lists.fetch_page(info.context, listing, window, selected)
        return cls(page=page, listing=listing, parent=parent, journal_cursor=cursor)

    @field("The entries with their cursors.", needs=(), public=True)
    def edges(self) -> list[Edge[Node]]:
        return [Edge.at(self.page, place) for place in range(len(self.page.rows))]

    @field("The entries without their cursors.", needs=(), public=True)
    def nodes(self) -> list[Node]:
        return list(self.page.rows)

    @field("Information for pagination.", needs=(), public=True)
    def page_info(self) -> PageInfo:
        page = self.page
        return PageInfo(
            has_next_page=page.has_next,
            has_previous_page=page.has_previous,
            start_cursor=page.cursor(0) if page.rows else None,
            end_cursor=page.cursor(-1) if page.rows else None,
        )

    @field(
        f"The number of entries in the list. Counting stops at {MAX_COUNT:,} entries, and at"
        f" {MAX_FOUND:,} in a search or near a place.",
        needs=(),
        cost=COUNT_COST,
        counts=True,
        public=True,
    )
    async def total_count(self, info: Info) -> int:
        return (await self._count(info)).number

    @field(
        "Whether `totalCount` is exact. If false, there are more entries.",
        needs=(),
        cost=COUNT_COST,
        counts=True,
        public=True,
    )
    async def total_count_is_exact(self, info: Info) -> bool:
        return (await self._count(info)).exact

    async def _count(self, info: Info) -> Count:
        """Count once, even if several fields need it and one of them is cancelled."""
        if self.counted is None:
            self.counted = asyncio.ensure_future(self._count_rows(info))
        return await asyncio.shield(self.counted)

    async def _count_rows(self, info: Info) -> Count:
        return await lists.count_rows(info.context, self.listing)


@strawberry.type(name="Connection", description="A page of a list with live changes.")
class LiveConnection(Connection[Node]):
    # A page of a listing with topics. In the schema its name ends in "Connection" as well.

    @field(
        "A cursor to pass as `after` to the list's subscription, to receive every change since this"
        " page was read.",
        needs=(),
    )
    def changes_after(self) -> str:
        if self.journal_cursor is None:
            raise TypeError("A listing of a LiveConnection needs topics.")
        return self.journal_cursor


def connection(of: Any, description: str, **price: Any) -> Callable[[Callable[..., Any]], Any]:
    """Declare a list from a function that returns a `Listing`, or awaits one.

    `of` is the connection type, optional for a nullable field. `first`, `after`, `last` and
    `before` are added to the function's arguments.
    """
    connection_type = functools.cache(lambda: _connection_type(of))

    def decorate(list_rows: Callable[..., Any]) -> Any:
        signature = inspect.signature(list_rows)
        source, takes_info = next(iter(signature.parameters)), "info" in signature.parameters
        ids = id_arguments(list_rows)

        async def resolve(*args: Any, info: Info, **kwargs: Any) -> Any:
            window = Window(**{name: kwargs.pop(name, None) for name in PAGE_ARGUMENTS})
            parent = args[0] if args else kwargs[source]
            kwargs |= decode_arguments(ids, kwargs)
            found = list_rows(*args, **kwargs, **({"info": info} if takes_info else {}))
            listing = await found if inspect.isawaitable(found) else found
            return await connection_type().resolve_connection(
                listing, info=info, window=window, parent=parent
            )

        functools.update_wrapper(resolve, list_rows)
        _sign(resolve, signature)
        return strawberry.field(
            resolver=StrawberryResolver(resolve),
            graphql_type=of,
            description=description,
            metadata=price,
        )

    return decorate


def _sign(resolve: Any, signature: inspect.Signature) -> None:
    keyword_only = inspect.Parameter.KEYWORD_ONLY
    own = dict(signature.parameters)
    own.setdefault("info", inspect.Parameter("info", keyword_only, annotation=Info))
    paged = [
        inspect.Parameter(name, keyword_only, default=None, annotation=annotation)
        for name, annotation in PAGE_ARGUMENTS.items()
    ]
    parameters = [*own.values(), *paged]
    parameters.sort(key=lambda parameter: parameter.kind)
    resolve.__signature__ = signature.replace(parameters=parameters, return_annotation=Any)
    resolve.__annotations__ = {one.name: one.annotation for one in parameters}


def _connection_type(of: Any) -> Any:
    options = [one for one in get_args(of) if one is not type(None)]
    if type(None) in get_args(of):
        (of,) = options
    if get_origin(of) is Annotated:
        name, *extras = get_args(of)
        (lazy,) = [one for one in extras if isinstance(one, StrawberryLazyReference)]
        name = name.__forward_arg__ if isinstance(name, ForwardRef) else name
        return lazy.resolve_forward_ref(ForwardRef(name)).resolve_type()
    return of
