"""A client, its user's browser and a provider, over HTTP."""

import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
from starlette.applications import Starlette

from core.settings import Settings
from services.identity.providers.provider_flows import challenge_of
from tests.client import Client
from tests.resolvers.identity.signing_in import STEP
from tests.sign_in_provider import CLIENT_ID, CLIENT_SECRET, LocalProvider

REDIRECT = "https://shop.example/signed-in"
LOGGED_IN = f"{STEP} registrationSecret viewer {{ id email }}"


def with_provider(settings: Settings, url: str) -> Settings:
    """Return settings that name a local provider, which is both Google and Facebook."""
    clients = {
        f"{name}_client_{part}": value
        for name in ("google", "facebook")
        for part, value in (("id", CLIENT_ID), ("secret", CLIENT_SECRET))
    }
    urls = dict.fromkeys(("google_url", "facebook_url", "facebook_graph_url"), url)
    return settings.model_copy(update={**clients, **urls, "sign_in_redirects": [REDIRECT]})


class Browser:
    """A browser with its cookies, which follows one redirect at a time."""

    def __init__(self, app: Starlette) -> None:
        transport = httpx.ASGITransport(app=app)
        self._haat = httpx.AsyncClient(transport=transport, base_url="http://haat")

    async def open(self, url: str) -> httpx.Response:
        if url.startswith("http://haat/"):
            return await self._haat.get(url)
        async with httpx.AsyncClient(verify=False) as http:
            return await http.get(url)

    async def consent(self, url: str) -> str:
        """Open the start of a flow, and consent. Returns the callback, which is not opened."""
        started = await self.open(url)
        assert started.status_code == 303, started.text
        answered = await self.open(started.headers["location"])
        return str(answered.headers["location"])

    async def finish(self, callback: str) -> dict[str, str]:
        """Open the callback. Returns what the client gets."""
        returned = await self.open(callback)
        assert returned.status_code == 303, returned.text
        where = urlsplit(returned.headers["location"])
        assert f"{where.scheme}://{where.netloc}{where.path}" == REDIRECT
        return dict(parse_qsl(where.query))


@dataclass
class Flow:
    """A flow that a client has started, with the secret of the client."""

    url: str
    verifier: str

    def proof(self, answer: dict[str, str]) -> dict[str, Any]:
        return {"flow": answer["flow"], "codeVerifier": self.verifier}


@dataclass
class SignInShop:
    """The parts of a sign-in: the app, a client of it, and the provider."""

    app: Starlette
    api: Client
    provider: LocalProvider
    browser: Browser = field(init=False)

    def __post_init__(self) -> None:
        self.browser = Browser(self.app)

    async def start(self, client: Client | None = None, **changes: str) -> Flow:
        verifier = secrets.token_urlsafe(32)
        given = {
            "provider": "GOOGLE",
            "purpose": "LOG_IN",
            "redirectUrl": REDIRECT,
            "codeChallenge": challenge_of(verifier),
        }
        payload = await (client or self.api).do("startProvider", given | changes, "url")
        assert payload["errors"] == []
        return Flow(payload["url"], verifier)

    async def proof(self, client: Client | None = None, **changes: str) -> dict[str, Any]:
        """Go through a whole flow. Returns the answer for the client that started it."""
        flow = await self.start(client, **changes)
        callback = await self.browser.consent(flow.url)
        return flow.proof(await self.browser.finish(callback))

    async def log_in(self, *, provider: str = "GOOGLE", **more: str) -> dict[str, Any]:
        """Go through a whole sign-in. Returns the payload."""
        proof = await self.proof(provider=provider)
        return await self.api.do("logInWithProvider", {**proof, **more}, LOGGED_IN)
