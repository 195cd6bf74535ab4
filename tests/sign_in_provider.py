"""An OpenID provider and Facebook's Graph API at an address of this machine, which can lie.

It consents at once, as the person `person`. It checks what a real one checks: the client, the
redirect, PKCE, that a code is used once, and Facebook's `appsecret_proof`.
"""

import hashlib
import hmac
import secrets
import time
from base64 import urlsafe_b64encode
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.processes import free_port
from tests.threads import served

CLIENT_ID, CLIENT_SECRET = "haat-client", "haat-secret"
Claims = dict[str, Any]


def new_key() -> RSAKey:
    return RSAKey.generate_key(2048, auto_kid=True)


def signed(claims: Claims, key: RSAKey, **header: Any) -> str:
    given = {"alg": "RS256", "kid": key.kid} | header
    return jwt.encode(given, claims, key, algorithms=[given["alg"]])


@dataclass
class LocalProvider:
    """A provider. `sign` makes the ID token, and `replies` answer paths instead of it."""

    url: str
    key: RSAKey = field(default_factory=new_key)
    published: list[RSAKey] = field(default_factory=list)
    person: Claims = field(default_factory=dict)
    denies: bool = False
    sign: Callable[[Claims], str | None] | None = None
    replies: dict[str, Response] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    tokens: dict[str, Claims] = field(default_factory=dict)

    def is_honest(self, **person: Any) -> None:
        """Stop lying, and be asked about another person."""
        self.person = {"sub": secrets.token_hex(8), "name": "Asha", **person}
        self.denies, self.sign = False, None
        self.published = [self.key]
        self.replies.clear()
        self.asked.clear()

    def app(self) -> Starlette:
        routes = [
            Route("/.well-known/openid-configuration", self._discovery),
            Route("/keys", self._keys),
            Route("/consent", self._consent),
            Route("/token", self._token, methods=["POST"]),
            Route("/v23.0/dialog/oauth", self._consent),
            Route("/v23.0/oauth/access_token", self._token, methods=["POST"]),
            Route("/v23.0/me", self._me),
        ]
        replacing = Middleware(BaseHTTPMiddleware, dispatch=self._reply)
        return Starlette(routes=routes, middleware=[replacing])

    async def _reply(self, request: Request, proceed: RequestResponseEndpoint) -> Response:
        path = request.url.path
        self.asked[path] += 1
        return self.replies.get(path) or await proceed(request)

    async def _discovery(self, _: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/consent",
                "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/keys",
                "id_token_signing_alg_values_supported": ["none", "HS256", "RS256"],
            }
        )

    async def _keys(self, _: Request) -> Response:
        return JSONResponse(KeySet(list(self.published)).as_dict())

    async def _consent(self, request: Request) -> Response:
        given = dict(request.query_params)
        assert given["client_id"] == CLIENT_ID
        assert (given["response_type"], given["code_challenge_method"]) == ("code", "S256")
        answer = {"state": given["state"]}
        if self.denies:
            answer["error"] = "access_denied"
        else:
            answer["code"] = secrets.token_urlsafe(16)
            self.codes[answer["code"]] = given
        return RedirectResponse(f"{given['redirect_uri']}?{urlencode(answer)}", 302)

    async def _token(self, request: Request) -> Response:
        form = {name: one for name, (one, *_) in parse_qs((await request.body()).decode()).items()}
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return JSONResponse({"error": "invalid_client"}, 401)
        if form["grant_type"] == "client_credentials":
            return JSONResponse({"access_token": "app", "token_type": "bearer"})
        asked = self.codes.pop(form.get("code", ""), None)
        if asked is None or asked["redirect_uri"] != form.get("redirect_uri"):
            return JSONResponse({"error": "invalid_grant"}, 400)
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        if asked["code_challenge"] != urlsafe_b64encode(digest).decode().rstrip("="):
            return JSONResponse({"error": "invalid_grant"}, 400)
        token = secrets.token_urlsafe(16)
        self.tokens[token] = self.person
        answer = {"access_token": token, "token_type": "bearer", "expires_in": 3600}
        if "nonce" in asked:
            answer["id_token"] = self._id_token(asked["nonce"])
        return JSONResponse({name: one for name, one in answer.items() if one is not None})

    def _id_token(self, nonce: str) -> str | None:
        issued = int(time.time())
        claims = {"iss": self.url, "aud": CLIENT_ID, "iat": issued, "exp": issued + 3600}
        claims |= {"nonce": nonce, **self.person}
        return self.sign(claims) if self.sign else signed(claims, self.key)

    async def _me(self, request: Request) -> Response:
        token = request.headers["authorization"].removeprefix("Bearer ")
        proof = hmac.new(CLIENT_SECRET.encode(), token.encode(), hashlib.sha256).hexdigest()
        if not hmac.compare_digest(request.query_params.get("appsecret_proof", ""), proof):
            return JSONResponse({"error": {"message": "Invalid appsecret_proof"}}, 400)
        person = self.tokens[token]
        found = {"id": str(int(person["sub"], 16)), "name": person["name"]}
        return JSONResponse(found | ({"email": person["email"]} if "email" in person else {}))


@contextmanager
def providing() -> Iterator[LocalProvider]:
    """Serve a provider."""
    port = free_port()
    provider = LocalProvider(f"http://127.0.0.1:{port}")
    provider.is_honest()
    with served(provider.app(), port):
        yield provider
