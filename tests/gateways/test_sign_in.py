"""Google and Facebook over real HTTP, to a provider that checks, and that lies."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response

from gateways.sign_in import http
from gateways.sign_in.base import (
    ProviderClient,
    ProviderExchange,
    ProviderFailed,
    ProviderProfile,
    SignInGateway,
)
from gateways.sign_in.facebook import FacebookSignIn
from gateways.sign_in.google import GoogleSignIn
from services.identity.providers.provider_flows import exchange_of
from tests.sign_in_provider import (
    CLIENT_ID,
    CLIENT_SECRET,
    Claims,
    LocalProvider,
    new_key,
    providing,
    signed,
)

CLIENT = ProviderClient(CLIENT_ID, CLIENT_SECRET)
OTHER_KEY = new_key()


@pytest.fixture(scope="module")
def running() -> Iterator[LocalProvider]:
    with providing() as provider:
        yield provider


@pytest.fixture
def provider(running: LocalProvider) -> LocalProvider:
    running.is_honest()
    return running


@pytest.fixture
async def google(provider: LocalProvider) -> AsyncIterator[GoogleSignIn]:
    gateway = GoogleSignIn(CLIENT, provider.url)
    yield gateway
    await gateway.close()


@pytest.fixture
async def facebook(provider: LocalProvider) -> AsyncIterator[FacebookSignIn]:
    gateway = FacebookSignIn(CLIENT, provider.url, provider.url)
    yield gateway
    await gateway.close()


@pytest.fixture
def gateways(google: GoogleSignIn, facebook: FacebookSignIn) -> dict[str, SignInGateway]:
    return {"google": google, "facebook": facebook}


def new_exchange() -> ProviderExchange:
    return exchange_of("http://haat/auth/google/callback", "state", "browser")


async def consent(gateway: SignInGateway, exchange: ProviderExchange) -> str:
    """Consent as a browser. Returns the code of the redirect."""
    async with httpx.AsyncClient(verify=False) as browser:
        answer = await browser.get(await gateway.authorization_url(exchange))
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    assert query["state"] == [exchange.state]
    return query["code"][0]


async def profile(gateway: SignInGateway) -> ProviderProfile:
    exchange = new_exchange()
    return await gateway.fetch_profile(exchange, await consent(gateway, exchange))


def with_claims(**changes: Any) -> Callable[[LocalProvider, Claims], str]:
    """Return a liar that changes claims, or leaves those out that are None."""

    def sign(provider: LocalProvider, claims: Claims) -> str:
        changed = {name: one for name, one in (claims | changes).items() if one is not None}
        return signed(changed, provider.key)

    return sign


def unsigned(_: LocalProvider, claims: Claims) -> str:
    return f"{_part({'alg': 'none'})}.{_part(claims)}."


def signed_with_the_public_key(provider: LocalProvider, claims: Claims) -> str:
    """Return an HMAC whose secret everyone knows."""
    text = f"{_part({'alg': 'HS256', 'kid': provider.key.kid})}.{_part(claims)}"
    digest = hmac.digest(provider.key.as_pem(private=False), text.encode(), hashlib.sha256)
    return f"{text}.{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"


def signed_with_another_key(provider: LocalProvider, claims: Claims) -> str:
    return signed(claims, OTHER_KEY, kid=provider.key.kid)


def _part(values: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


LIES: dict[str, Callable[[LocalProvider, Claims], str | None]] = {
    "without a signature": unsigned,
    "HMAC with the public key": signed_with_the_public_key,
    "another key": signed_with_another_key,
    "unknown key": lambda _, claims: signed(claims, OTHER_KEY),
    "another issuer": with_claims(iss="https://accounts.google.com"),
    "another audience": with_claims(aud="another-client"),
    "two audiences": with_claims(aud=[CLIENT_ID, "another-client"]),
    "expired": with_claims(exp=int(time.time()) - 120),
    "of the future": with_claims(iat=int(time.time()) + 3600),
    "of another request": with_claims(nonce="n" * 43),
    "nonce is no text": with_claims(nonce=1),
    **{f"without {name}": with_claims(**{name: None}) for name in ("iss", "aud", "iat", "exp")},
    **{f"without {name}": with_claims(**{name: None}) for name in ("nonce", "sub")},
    "subject is a number": with_claims(sub=1),
    "subject is too long": with_claims(sub="x" * 256),
    "no token": lambda *_: None,
    "no JWT": lambda *_: "x.y.z",
}


async def test_google_is_asked_for_the_user(google: GoogleSignIn, provider: LocalProvider) -> None:
    provider.is_honest(email="Asha@Gmail.com", email_verified=True)
    found = await profile(google)
    subject = provider.person["sub"]
    assert found == ProviderProfile(provider.url, subject, "Asha@Gmail.com", True, "Asha")


@pytest.mark.parametrize("lie", LIES)
async def test_a_token_that_proves_nothing_is_refused(
    google: GoogleSignIn, provider: LocalProvider, lie: str
) -> None:
    provider.sign = lambda claims: LIES[lie](provider, claims)
    with pytest.raises(ProviderFailed):
        await profile(google)


@pytest.mark.parametrize(
    ("email", "verified", "hosted", "proven"),
    [
        ("a@gmail.com", True, None, True),
        ("a@shop.example", True, "shop.example", True),
        ("a@shop.example", True, None, False),  # verified once
        ("a@shop.example", True, "other.example", False),
        ("a@gmail.com", False, None, False),
        ("a@gmail.com", "true", None, False),
        ("a@gmail.com", 1, None, False),
        ("a@gmail.com", None, None, False),
        (None, True, None, False),
    ],
)
async def test_an_address_is_proven_if_google_decides_who_has_it(
    google: GoogleSignIn,
    provider: LocalProvider,
    email: str | None,
    verified: object,
    hosted: str | None,
    *,
    proven: bool,
) -> None:
    given = {"email": email, "email_verified": verified, "hd": hosted}
    provider.is_honest(**{name: one for name, one in given.items() if one is not None})
    found = await profile(google)
    assert (found.email, found.email_proven) == (email, proven)


async def test_facebook_proves_no_address(
    facebook: FacebookSignIn, provider: LocalProvider
) -> None:
    provider.is_honest(email="asha@gmail.com")
    found = await profile(facebook)
    subject = str(int(provider.person["sub"], 16))
    assert found == ProviderProfile(provider.url, subject, "asha@gmail.com", False, "Asha")
    provider.is_honest()
    assert (await profile(facebook)).email is None


async def test_facebook_requires_the_proof_of_the_secret(
    facebook: FacebookSignIn, provider: LocalProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FacebookSignIn, "_proof", lambda *_: "")
    with pytest.raises(ProviderFailed, match="answered 400"):
        await profile(facebook)


@pytest.mark.parametrize("name", ["google", "facebook"])
async def test_a_code_is_good_once_and_with_its_verifier(
    gateways: dict[str, SignInGateway], name: str
) -> None:
    gateway = gateways[name]
    exchange = new_exchange()
    code = await consent(gateway, exchange)
    await gateway.fetch_profile(exchange, code)
    with pytest.raises(ProviderFailed, match="invalid_grant"):
        await gateway.fetch_profile(exchange, code)
    elsewhere = exchange_of(exchange.redirect_uri, exchange.state, "another browser")
    with pytest.raises(ProviderFailed, match="invalid_grant"):
        await gateway.fetch_profile(elsewhere, await consent(gateway, exchange))


NONSENSE: dict[str, Response] = {
    "text": PlainTextResponse("Hello"),
    "a list": JSONResponse([]),
    "depth": PlainTextResponse("[" * 100_000, media_type="application/json"),
    "an error": JSONResponse({"error": {"message": "no"}}, 400),
    "an outage": PlainTextResponse("", 500),
    "elsewhere": RedirectResponse("http://127.0.0.1:1/"),
    "a time that is none": JSONResponse({"access_token": "x", "expires_in": {}}),
    "no token": JSONResponse({"token_type": "bearer"}),
    "too much": PlainTextResponse(json.dumps({"x": "x" * http.MAX_ANSWER_BYTES})),
}


@pytest.mark.parametrize("nonsense", NONSENSE)
@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("google", "/.well-known/openid-configuration"),
        ("google", "/token"),
        ("google", "/keys"),
        ("facebook", "/v23.0/oauth/access_token"),
        ("facebook", "/v23.0/me"),
    ],
)
async def test_nonsense_is_a_failure(
    provider: LocalProvider,
    gateways: dict[str, SignInGateway],
    name: str,
    path: str,
    nonsense: str,
) -> None:
    gateway = gateways[name]
    provider.replies[path] = NONSENSE[nonsense]
    with pytest.raises(ProviderFailed):
        await profile(gateway)
    assert provider.asked[path] == 1


async def test_the_discovery_document_of_another_issuer_is_refused(
    google: GoogleSignIn, provider: LocalProvider
) -> None:
    path = "/.well-known/openid-configuration"
    provider.replies[path] = JSONResponse({"issuer": "https://other.example"})
    with pytest.raises(ProviderFailed, match="another issuer"):
        await google.authorization_url(new_exchange())


async def test_unknown_keys_are_looked_for_once(
    google: GoogleSignIn, provider: LocalProvider
) -> None:
    """A rotated key is accepted at its first token; more unknown ones are not looked for."""
    await profile(google)
    new = new_key()
    provider.published = [provider.key, new]
    provider.sign = lambda claims: signed(claims, new)
    await profile(google)
    assert provider.asked["/keys"] == 2
    provider.sign = lambda claims: signed(claims, OTHER_KEY)
    for _ in range(3):
        with pytest.raises(ProviderFailed):
            await profile(google)
    assert provider.asked["/keys"] == 2
    assert provider.asked["/.well-known/openid-configuration"] == 1


async def test_the_id_and_the_secret_are_tried(
    google: GoogleSignIn, facebook: FacebookSignIn, provider: LocalProvider
) -> None:
    await google.check()
    await facebook.check()
    wrong = ProviderClient(CLIENT_ID, "wrong")
    others = GoogleSignIn(wrong, provider.url), FacebookSignIn(wrong, provider.url, provider.url)
    for gateway in others:
        with pytest.raises(ProviderFailed, match="invalid_client"):
            await gateway.check()
        await gateway.close()
