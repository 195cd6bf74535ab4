"""Each query of a tab of GraphiQL answers an account of the demo, before anything was changed."""

import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest
from graphql import OperationDefinitionNode, OperationType, parse

from core.security.signing_keys import SigningKeys
from core.settings import Settings
from demo.identity.accounts import ACCOUNTS
from tests.demo.tabs import Tabs, open_tabs
from web.pages.tabs import EXAMPLES

NOT_YET = ("", "${downloadGrant}")  # what another answer has, or a worker makes


def is_complete(path: Path, query: OperationDefinitionNode) -> bool:
    """Return whether no variable of a query is left to be copied from another answer."""
    given = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    names = [one.variable.name.value for one in query.variable_definitions or ()]
    return all(given.get(name) not in NOT_YET for name in names)


QUERIES = [
    (path.stem, one.name.value)
    for path in sorted(EXAMPLES.glob("*.graphql"))
    for one in parse(path.read_text(encoding="utf-8")).definitions
    if isinstance(one, OperationDefinitionNode)
    and one.operation is OperationType.QUERY
    and one.name
    and is_complete(path, one)
]


@pytest.fixture(scope="module")
async def accounts(
    settings: Settings, keys: SigningKeys, demo_data: str
) -> AsyncIterator[Mapping[str, Tabs]]:
    async with open_tabs(settings, keys, demo_data, ()) as tabs:
        yield {one.email: await tabs.as_account(one) for one in ACCOUNTS}


@pytest.mark.parametrize(("title", "operation"), QUERIES)
async def test_a_query_answers_an_account(
    accounts: Mapping[str, Tabs], title: str, operation: str
) -> None:
    answers = [await ask(one, title, operation) for one in accounts.values()]
    assert any("errors" not in one and found(one) for one in answers), answers


async def ask(tabs: Tabs, title: str, operation: str) -> Mapping[str, object]:
    tab = next(one for name, one in tabs.tabs.items() if name.lower() == title)
    variables = json.loads(tab["variables"])
    body = {"query": tab["query"], "operationName": operation, "variables": variables}
    response = await tabs.api.http.post("/graphql", json=body, headers=tabs.api.headers)
    answer: Mapping[str, object] = response.json()
    return answer


def found(answer: Mapping[str, object]) -> bool:
    """Return whether an answer has a value that is not null."""
    data = answer["data"]
    return isinstance(data, dict) and any(one is not None for one in data.values())
