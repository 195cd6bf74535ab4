"""Lists declared by what they list."""

from typing import Annotated, Any

import strawberry

from core.keyset import Listing
from engine.connections import Connection, LiveConnection, connection
from engine.context import Info

Prefix = Annotated[str | None, strawberry.argument(description="A prefix.")]


@strawberry.type(description="A word.")
class Word:
    text: str = strawberry.field(description="The text.")


@strawberry.type(description="A sentence.")
class Sentence:
    text: str = strawberry.field(description="The text.")


@strawberry.type
class WordQuery:
    @connection(Connection[Word], "Words.", cost=2)
    def words(self, info: Info, prefix: Prefix = None) -> Listing[Any]:
        raise NotImplementedError

    @connection(LiveConnection[Sentence] | None, "Sentences.")
    async def sentences(self) -> Listing[Any]:
        raise NotImplementedError


def field(name: str) -> Any:
    graph: Any = strawberry.Schema(query=WordQuery)._schema
    return graph.query_type.fields[name]


def test_a_list_takes_its_own_arguments_and_those_of_a_page() -> None:
    assert list(field("words").args) == ["prefix", "first", "after", "last", "before"]
    assert list(field("sentences").args) == ["first", "after", "last", "before"]


def test_a_list_has_the_type_and_price_of_its_declaration() -> None:
    assert str(field("words").type) == "WordConnection!"
    assert field("words").extensions["strawberry-definition"].metadata == {"cost": 2}


def test_a_live_list_is_a_connection_with_a_cursor_of_the_journal() -> None:
    of = field("sentences").type
    assert str(of) == "SentenceConnection"
    counts = {"totalCount", "totalCountIsExact"}
    assert {"edges", "nodes", "pageInfo", *counts, "changesAfter"} == set(of.fields)
