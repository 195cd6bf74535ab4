"""A GraphQL client of the app in this process, over its whole HTTP stack."""

from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import httpx
from strawberry.relay import to_base64

from core.signing_keys import SigningKeys
from models.identity.accounts import Role, User, UserSession


def gid(row: Any, type_name: str | None = None) -> str:
    """The global id of a row."""
    return to_base64(type_name or type(row).__name__, str(row.id))


def unknown(type_name: str) -> str:
    """A global id of no row, the same in every process."""
    return to_base64(type_name, str(UUID(int=1)))


@dataclass(frozen=True)
class Client:
    """Calls as somebody, or as nobody."""

    http: httpx.AsyncClient
    keys: SigningKeys
    headers: dict[str, str] = field(default_factory=dict)

    def signed_in(
        self, user: User, minutes: int = 15, session: UserSession | None = None
    ) -> "Client":
        """As a user, under one of their sessions if that is to matter."""
        session_id = session.id if session else UUID(int=0)
        token, _ = self.keys.sign_access(
            user.id, session_id, minutes, admin=user.role is Role.ADMIN
        )
        return self.bearing(token)

    def bearing(self, token: str) -> "Client":
        return replace(self, headers=self.headers | {"Authorization": f"Bearer {token}"})

    def reading(self, languages: str) -> "Client":
        """Calls with `Accept-Language`."""
        return replace(self, headers=self.headers | {"Accept-Language": languages})

    async def send(self, query: str, **variables: Any) -> dict[str, Any]:
        """The whole answer, errors and all."""
        body = {"query": query, "variables": variables}
        response = await self.http.post("/graphql", json=body, headers=self.headers)
        answer: dict[str, Any] = response.json()
        return answer

    async def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """The data of an answer that must have no top-level errors."""
        answer = await self.send(query, **variables)
        assert "errors" not in answer, answer["errors"]
        data: dict[str, Any] = answer["data"]
        return data

    async def do(self, name: str, input: dict[str, Any], fields: str = "") -> dict[str, Any]:
        """The payload of a mutation: `fields` and its errors' code, message and field."""
        type_name = name[0].upper() + name[1:] + "Input"
        query = (
            f"mutation ($input: {type_name}!) {{ {name}(input: $input)"
            f" {{ {fields} errors {{ code message field }} }} }}"
        )
        payload: dict[str, Any] = (await self.ask(query, input=input))[name]
        return payload

    async def refused(self, name: str, input: dict[str, Any]) -> list[str]:
        """The codes of the errors a mutation answers with."""
        return [error["code"] for error in (await self.do(name, input))["errors"]]

    async def failed(self, query: str, **variables: Any) -> list[str]:
        """The codes of the top-level errors of an answer."""
        answer = await self.send(query, **variables)
        return [error["extensions"]["code"] for error in answer.get("errors", [])]

    async def mutation_failed(self, name: str, input: dict[str, Any]) -> list[str]:
        """The codes of the top-level errors of a mutation."""
        type_name = name[0].upper() + name[1:] + "Input"
        query = (
            f"mutation ($input: {type_name}!) {{ {name}(input: $input) {{ errors {{ code }} }} }}"
        )
        return await self.failed(query, input=input)
