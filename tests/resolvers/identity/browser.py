"""A browser: it keeps the cookie of its session, and its pages send requests in browser mode."""

from typing import Any, cast

import httpx

from models.identity.accounts import User
from tests.client import ensure_declared
from tests.factories.emails import email_of
from tests.factories.identity import PASSWORD

COOKIE = "haat"
ORIGIN = "http://haat"
MODE = {"Haat-Session": "cookie", "Origin": ORIGIN}
CSRF = "{ viewer { csrfToken } }"


class BrowserPages:
    """Pages of the server. `csrf` is the token that they know."""

    def __init__(self, http: httpx.AsyncClient, origin: str = ORIGIN) -> None:
        self.http, self.origin = http, origin
        self.cookie: str | None = None
        self.csrf: str | None = None
        self.slot = ""

    async def post(
        self, query: str, variables: dict[str, Any] | None = None, **headers: str | None
    ) -> httpx.Response:
        """Send a request. `headers` replace those of browser mode, or remove them with None."""
        given: dict[str, str | None] = {
            "Haat-Session": f"cookie{self.slot}",
            "Origin": self.origin,
            "Cookie": f"{COOKIE}{self.slot}={self.cookie}" if self.cookie else None,
            "Haat-CSRF": self.csrf,
            **{
                name.replace("_", "-").title().replace("Csrf", "CSRF"): value
                for name, value in headers.items()
            },
        }
        body = {"query": query, "variables": variables or {}}
        sent = {name: value for name, value in given.items() if value is not None}
        response = await self.http.post("/graphql", json=body, headers=sent)
        self.http.cookies.clear()
        self._keep(response)
        return response

    async def send(self, query: str, **variables: Any) -> dict[str, Any]:
        answer: dict[str, Any] = (await self.post(query, variables)).json()
        ensure_declared(answer)
        return answer

    async def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        answer = await self.send(query, **variables)
        assert "errors" not in answer, answer["errors"]
        return cast("dict[str, Any]", answer["data"])

    async def do(self, name: str, input: dict[str, Any], fields: str = "") -> dict[str, Any]:
        type_name = name[0].upper() + name[1:] + "Input"
        query = (
            f"mutation ($input: {type_name}!) {{ {name}(input: $input)"
            f" {{ {fields} errors {{ code message field }} }} }}"
        )
        return cast("dict[str, Any]", (await self.ask(query, input=input))[name])

    async def failed(self, query: str, **variables: Any) -> list[str]:
        answer = await self.send(query, **variables)
        return [error["extensions"]["code"] for error in answer.get("errors", [])]

    async def log_in(self, user: User) -> dict[str, Any]:
        payload = await self.do(
            "logIn",
            {"email": email_of(user), "password": PASSWORD},
            "viewer { csrfToken } session { accessToken } secondFactor { challengeId methods }",
        )
        if payload["viewer"]:
            self.csrf = payload["viewer"]["csrfToken"]
        return payload

    async def act(self, **role: Any) -> dict[str, Any]:
        fields = "viewer { csrfToken activeRole { admin until vendor { name } } }"
        payload = await self.do("switchRole", role, fields)
        if payload["viewer"]:
            self.csrf = payload["viewer"]["csrfToken"]
        return payload

    def _keep(self, response: httpx.Response) -> None:
        for text in response.headers.get_list("set-cookie"):
            name, _, value = text.partition(";")[0].partition("=")
            assert name == f"{COOKIE}{self.slot}"
            self.cookie = value or None
