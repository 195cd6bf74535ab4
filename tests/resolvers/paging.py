"""Walking a connection to its end."""

from collections.abc import Awaitable, Callable
from typing import Any

from tests.client import Client

CONNECTION = "nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"


async def walk(
    client: Client,
    query: str,
    path: str,
    *,
    between: Callable[[], Awaitable[object]] | None = None,
    **page: Any,
) -> list[str]:
    """Return the ids of the whole list at `path` in list order, page by page.

    `page` has the size as `first` or `last`. `between` runs before each page but the first.
    """
    backward = page.get("last") is not None
    found: list[str] = []
    while True:
        connection: Any = await client.ask(query, **page)
        for name in path.split("."):
            connection = connection[name]
        info, ids = connection["pageInfo"], [node["id"] for node in connection["nodes"]]
        found = [*ids, *found] if backward else [*found, *ids]
        if not info["hasPreviousPage" if backward else "hasNextPage"]:
            return found
        assert len(ids) == page["last" if backward else "first"]
        page |= {"before": info["startCursor"]} if backward else {"after": info["endCursor"]}
        if between:
            await between()
