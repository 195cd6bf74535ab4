"""A caller with a role, and the checks on each of its responses."""

import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from graphql import ValueNode
from hypothesis.strategies import SearchStrategy

from tests.client import Client
from tests.hostile import grammar
from tests.hostile.canaries import Marketplace, strings


@dataclass
class Caller:
    """A caller with its role, the values to fill documents with, and its responses so far."""

    marketplace: Marketplace
    role: str
    client: Client
    values: dict[str, SearchStrategy[ValueNode]]
    answered: list[bool] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    @cached_property
    def documents(self) -> SearchStrategy[str]:
        return grammar.document(self.values)

    async def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        body = {"query": query, "variables": variables}
        response = await self.client.http.post("/graphql", json=body, headers=self.client.headers)
        return self.check(response.status_code, response.text)

    def check(self, status: int, text: str) -> dict[str, Any]:
        """Return the response. Raise an AssertionError for a server fault or a leaked secret."""
        assert status < 500, text
        answer: dict[str, Any] = json.loads(text)
        errors = answer.get("errors", [])
        assert not [one for one in errors if one["extensions"]["code"] == "INTERNAL"], errors
        self.marketplace.ensure_kept(self.role, answer)
        self.seen |= set(strings(answer))
        self.answered.append(any((answer.get("data") or {}).values()))
        return answer
