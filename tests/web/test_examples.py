"""The tabs that GraphiQL opens with hold what the schema takes."""

import pytest
from graphql import GraphQLSchema, parse, validate

from web.pages.routes import EXAMPLES

FILES = sorted(EXAMPLES.glob("*.graphql"))


def test_examples_are_found() -> None:
    assert {"browse", "chat", "claim", "redeem", "watch"} <= {path.stem for path in FILES}


@pytest.mark.parametrize("name", [path.name for path in FILES])
def test_example_is_valid(graph: GraphQLSchema, name: str) -> None:
    assert validate(graph, parse((EXAMPLES / name).read_text())) == []
