"""Relay connections over keyset pages."""

from typing import Any, Generic, Self, TypeVar

import strawberry
from sqlmodel.sql.expression import SelectOfScalar

from core import keyset
from core.keyset import Ordering, Page, Window
from engine.context import Info
from engine.types import field

Node = TypeVar("Node")


@strawberry.type(description="Where a page stands in its list.")
class PageInfo:
    """Whether there is more on either side."""

    has_next_page: bool = strawberry.field(description="Whether the list goes on after this page.")
    has_previous_page: bool = strawberry.field(
        description="Whether the list has entries before this page."
    )
    start_cursor: str | None = strawberry.field(description="The cursor of the first entry.")
    end_cursor: str | None = strawberry.field(description="The cursor of the last entry.")


@strawberry.type(description="An entry of a list, and its place there.")
class Edge(Generic[Node]):
    """A node with its cursor."""

    cursor: str = strawberry.field(description="This entry's place, for `after` or `before`.")
    node: Node = strawberry.field(description="The entry itself.")

    @classmethod
    def at(cls, page: Page[Any], place: int) -> Self:
        return cls(cursor=page.cursors[place], node=page.rows[place])


@strawberry.type(description="A page of a list.")
class Connection(Generic[Node]):
    """A page, and the list it is from, which is counted only on request."""

    page: strawberry.Private[Page[Any]]
    rows: strawberry.Private[SelectOfScalar[Any]]

    @classmethod
    async def fetch(
        cls, info: Info, rows: SelectOfScalar[Any], ordering: Ordering, window: Window
    ) -> Self:
        """The page of `rows` that `window` asks for, in one statement."""
        async with info.context.read_session() as session:
            page = await keyset.fetch_page(session, rows, ordering, window)
        return cls(page=page, rows=rows)

    @field("The entries with their cursors.")
    def edges(self) -> list[Edge[Node]]:
        return [Edge.at(self.page, place) for place in range(len(self.page.rows))]

    @field("The entries alone.")
    def nodes(self) -> list[Node]:
        return list(self.page.rows)

    @field("Where this page stands.")
    def page_info(self) -> PageInfo:
        cursors = self.page.cursors
        return PageInfo(
            has_next_page=self.page.has_next,
            has_previous_page=self.page.has_previous,
            start_cursor=cursors[0] if cursors else None,
            end_cursor=cursors[-1] if cursors else None,
        )

    @field("How many entries the whole list has; counted when asked for.", cost=10)
    async def total_count(self, info: Info) -> int:
        async with info.context.read_session() as session:
            return await keyset.count(session, self.rows)
