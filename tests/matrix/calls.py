"""A call of one root field, over HTTP."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from graphql import (
    GraphQLField,
    GraphQLObjectType,
    get_named_type,
)

from engine.live.group_registry import GroupRegistry
from engine.live.subscriber import Subscriber
from tests.client import Client
from tests.matrix.outcomes import AccessOutcome, outcome_of
from tests.matrix.undoing import Undoing

CALLER = "#"  # in values that must differ between callers, such as addresses that get mails


def selected(field: GraphQLField) -> str:
    """Return the least selection of a field."""
    named = get_named_type(field.type)
    if not hasattr(named, "fields") and not hasattr(named, "types"):
        return ""
    if not isinstance(named, GraphQLObjectType):
        return "{ __typename }"
    if named.name.endswith("Payload"):
        return "{ errors { code message field } }"
    return "{ nodes { __typename } }" if "nodes" in named.fields else "{ __typename }"


@dataclass(frozen=True)
class RootCall:
    """A root field with the arguments that all callers send."""

    root: str
    name: str
    field: GraphQLField
    given: Mapping[str, Any]

    @property
    def document(self) -> str:
        declared = ", ".join(f"${one}: {self.field.args[one].type}" for one in self.given)
        used = ", ".join(f"{one}: ${one}" for one in self.given)
        head, arguments = (f"({declared})", f"({used})") if self.given else ("", "")
        return f"{self.root.lower()} {head} {{ {self.name}{arguments} {selected(self.field)} }}"

    def sent_by(self, number: int) -> dict[str, Any]:
        """Return the body of the request of a caller with a number of one digit."""
        given = json.loads(json.dumps(self.given).replace(CALLER, str(number)))
        return {"query": self.document, "variables": given}


class Sender:
    """Calls root fields and undoes what they do. Subscriptions end once they are accepted."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._undoing = Undoing(monkeypatch)
        self._accepted = 0
        monkeypatch.setattr(GroupRegistry, "join", self._join)

    async def outcome(self, client: Client, call: RootCall, number: int) -> AccessOutcome:
        """Return what a call came to. Raises `Broken`."""
        live = call.root == "Subscription"
        headers = client.headers | ({"Accept": "text/event-stream"} if live else {})
        self._accepted = 0
        with self._undoing.of_a_call() as reached:
            response = await client.http.post(
                "/graphql", json=call.sent_by(number), headers=headers
            )
        if reached or self._accepted:
            return AccessOutcome.ALLOWED
        return outcome_of(_read(response))

    async def refused(self, client: Client, call: RootCall, number: int) -> str | None:
        """Return the code with which a mutation is refused, or None if it is done."""
        with self._undoing.of_a_call() as reached:
            response = await client.http.post(
                "/graphql", json=call.sent_by(number), headers=client.headers
            )
        if reached:
            return None
        answer = response.json()
        for error in answer.get("errors", []):
            return str(error["extensions"]["code"])
        ((payload),) = answer["data"].values()
        return str(payload["errors"][0]["code"]) if payload["errors"] else None

    async def _join(self, subscriber: Subscriber, *_: object) -> None:
        self._accepted += 1
        subscriber.complete(None)


def _read(response: httpx.Response) -> dict[str, Any]:
    """Return the answer, or the first of a stream."""
    if "event-stream" not in response.headers["content-type"]:
        answer: dict[str, Any] = response.json()
        return answer
    lines = response.text.splitlines()
    data = next(line.removeprefix("data:") for line in lines if line.startswith("data: {"))
    found: dict[str, Any] = json.loads(data)
    payload: dict[str, Any] = found.get("payload", found)
    return payload
