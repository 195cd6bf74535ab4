"""A GraphQL client of the app in this process, over its whole HTTP stack."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any
from uuid import UUID

import httpx
from strawberry.relay import to_base64
from strawberry.utils.str_converters import to_camel_case

from core.security.signing_keys import SigningKeys
from models.identity.accounts import Role, User, UserSession
from resolvers import Mutation


def gid(row: Any, type_name: str | None = None) -> str:
    """Return the global id of a row."""
    return to_base64(type_name or type(row).__name__, str(row.id))


def unknown(type_name: str) -> str:
    """Return a global id that matches no row, the same in every process."""
    return to_base64(type_name, str(UUID(int=1)))


@cache
def declared_codes() -> Mapping[str, frozenset[str]]:
    """Return the codes that each mutation declares in `raises`."""
    definition: Any = Mutation.__dict__["__strawberry_definition__"]
    return {
        to_camel_case(one.python_name): frozenset(kind.code for kind in one.metadata["raises"])
        for one in definition.fields
        if "raises" in one.metadata
    }


def ensure_declared(answer: Mapping[str, Any]) -> None:
    """Fail if a mutation returned a code that it does not declare: docs/errors.md would be wrong.

    There are no exceptions, not even for INVALID_INPUT and NOT_FOUND.
    """
    for name, payload in (answer.get("data") or {}).items():
        if name in declared_codes() and isinstance(payload, dict):
            codes = {error["code"] for error in payload.get("errors", []) if "code" in error}
            undeclared = codes - declared_codes()[name]
            assert not undeclared, (
                f"{name} does not declare {', '.join(sorted(undeclared))}: list it in `raises`"
            )


@dataclass(frozen=True)
class Client:
    """Sends requests, signed in or anonymous."""

    http: httpx.AsyncClient
    keys: SigningKeys
    headers: dict[str, str] = field(default_factory=dict)

    def signed_in(
        self, user: User, minutes: int = 15, session: UserSession | None = None
    ) -> "Client":
        """As a user, in the session that the factory opened unless another is given."""
        session_id = session.id if session else user.id
        token, _ = self.keys.sign_access(
            user.id, session_id, minutes, admin=user.role is Role.ADMIN
        )
        return self.bearing(token)

    def bearing(self, token: str) -> "Client":
        return replace(self, headers=self.headers | {"Authorization": f"Bearer {token}"})

    def reading(self, languages: str) -> "Client":
        """Return a client that sends `Accept-Language`."""
        return replace(self, headers=self.headers | {"Accept-Language": languages})

    async def send(self, query: str, **variables: Any) -> dict[str, Any]:
        """Return the whole response, including errors."""
        body = {"query": query, "variables": variables}
        response = await self.http.post("/graphql", json=body, headers=self.headers)
        answer: dict[str, Any] = response.json()
        ensure_declared(answer)
        return answer

    async def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """Return the data of a response that must have no top-level errors."""
        answer = await self.send(query, **variables)
        assert "errors" not in answer, answer["errors"]
        data: dict[str, Any] = answer["data"]
        return data

    async def do(self, name: str, input: dict[str, Any], fields: str = "") -> dict[str, Any]:
        """Return the payload of a mutation: `fields` and its errors' code, message and field."""
        type_name = name[0].upper() + name[1:] + "Input"
        query = (
            f"mutation ($input: {type_name}!) {{ {name}(input: $input)"
            f" {{ {fields} errors {{ code message field }} }} }}"
        )
        payload: dict[str, Any] = (await self.ask(query, input=input))[name]
        return payload

    async def refusal_codes(self, name: str, input: dict[str, Any]) -> list[str]:
        """Return the error codes in the payload of a mutation."""
        return [error["code"] for error in (await self.do(name, input))["errors"]]

    async def failed(self, query: str, **variables: Any) -> list[str]:
        """Return the codes of the top-level errors of a response."""
        answer = await self.send(query, **variables)
        return [error["extensions"]["code"] for error in answer.get("errors", [])]

    async def mutation_failed(self, name: str, input: dict[str, Any]) -> list[str]:
        """Return the codes of the top-level errors of a mutation."""
        type_name = name[0].upper() + name[1:] + "Input"
        query = (
            f"mutation ($input: {type_name}!) {{ {name}(input: $input) {{ errors {{ code }} }} }}"
        )
        return await self.failed(query, input=input)
