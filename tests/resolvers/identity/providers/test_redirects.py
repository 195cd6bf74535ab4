"""Redirects to a provider and back: one use each, in one browser, for one client."""

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from sqlmodel import update
from starlette.responses import PlainTextResponse

from app import create_app
from core.clock import now
from core.database import Database
from core.limits.buckets import TokenBucket
from core.settings import Settings
from models.identity.providers import ProviderFlow
from services.identity.providers import provider_flows
from tests.apps import endpoint_of
from tests.client import Client
from tests.factories.factors import answer_of
from tests.factories.world import World
from tests.resolvers.identity.providers.redirects import (
    LOGGED_IN,
    REDIRECT,
    Browser,
    SignInShop,
    with_provider,
)
from tests.sign_in_provider import LocalProvider

ENDED = "This sign-in has ended"


@pytest.mark.parametrize("purpose", ["LOG_IN", "LINK"])
async def test_a_callback_belongs_to_the_browser_that_started(
    world: World, shop: SignInShop, purpose: str
) -> None:
    """An attacker consents as himself, and has the victim open the callback."""
    client = shop.api.signed_in(await world.user())
    flow = await shop.start(client, purpose=purpose)
    callback = await shop.browser.consent(flow.url)
    victims = Browser(shop.app)
    assert (await victims.open(callback)).status_code == 400
    await victims.consent((await shop.start()).url)  # it has a cookie of its own by now
    refused = await victims.open(callback)
    assert (refused.status_code, ENDED in refused.text) == (400, True)
    assert "/token" not in shop.provider.asked
    assert set(await shop.browser.finish(callback)) == {"flow"}, "the right browser still can"


async def test_each_step_is_possible_once(world: World, shop: SignInShop) -> None:
    shop.provider.is_honest(email="asha@gmail.com", email_verified=True)
    flow = await shop.start()
    head = await shop.browser._haat.head(flow.url)
    assert head.status_code == 405, "a HEAD of a scanner uses nothing up"
    callback = await shop.browser.consent(flow.url)
    assert (await shop.browser.open(flow.url)).status_code == 400
    assert (await shop.browser._haat.head(callback)).status_code == 405
    proof = flow.proof(await shop.browser.finish(callback))
    assert (await shop.browser.open(callback)).status_code == 400
    assert shop.provider.asked["/token"] == 1
    assert (await shop.api.do("logInWithProvider", proof, LOGGED_IN))["errors"] == []
    assert await shop.api.refusal_codes("logInWithProvider", proof) == ["FLOW_ENDED"]


async def test_two_flows_of_one_browser(world: World, shop: SignInShop) -> None:
    """Two tabs: the cookie of the second does not replace that of the first."""
    flows = [await shop.start() for _ in range(2)]
    callbacks = [await shop.browser.consent(flow.url) for flow in flows]
    for callback in callbacks:
        assert set(await shop.browser.finish(callback)) == {"flow"}


async def test_a_flow_expires(world: World, shop: SignInShop) -> None:
    flow = await shop.start()
    callback = await shop.browser.consent(flow.url)
    async with world.database.session() as session, session.begin():
        await session.exec(update(ProviderFlow).values(expires_at=now()))
    assert (await shop.browser.open(callback)).status_code == 400
    assert (await shop.browser.open((await shop.start()).url)).status_code == 303


async def test_a_callback_of_another_provider_is_refused(world: World, shop: SignInShop) -> None:
    callback = await shop.browser.consent((await shop.start()).url)
    swapped = callback.replace("/auth/google/", "/auth/facebook/")
    assert (await shop.browser.open(swapped)).status_code == 400
    assert (await shop.browser.open("http://haat/auth/other/start")).status_code == 404


async def test_the_client_gets_the_reason_of_a_failure(world: World, shop: SignInShop) -> None:
    shop.provider.denies = True
    callback = await shop.browser.consent((await shop.start()).url)
    assert await shop.browser.finish(callback) == {"error": "access_denied"}
    assert (await shop.browser.open(callback)).status_code == 400
    shop.provider.is_honest()
    callback = await shop.browser.consent((await shop.start()).url)
    assert await shop.browser.finish(callback.partition("&code")[0]) == {"error": "provider_failed"}
    shop.provider.replies["/token"] = PlainTextResponse("", 503)
    callback = await shop.browser.consent((await shop.start()).url)
    assert await shop.browser.finish(callback) == {"error": "provider_failed"}


async def test_failures_are_limited_per_network(
    world: World, shop: SignInShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sign-in that succeeds is not counted."""
    limits = endpoint_of(shop.app).app.provider_limits
    monkeypatch.setattr(limits, "_failures", TokenBucket.of(2, minutes=15))
    transport = httpx.ASGITransport(app=shop.app, client=("203.0.113.77", 1))
    shop.browser._haat._transport = transport

    async def answer(code: str = "") -> dict[str, str]:
        callback = await shop.browser.consent((await shop.start()).url)
        return await shop.browser.finish(f"{callback}{code}")

    for _ in range(3):
        assert set(await answer()) == {"flow"}
    forged = "&code=forged"
    got = [await answer(forged) for _ in range(3)]
    assert got == [{"error": "provider_failed"}] * 2 + [{"error": "rate_limited"}]


async def test_only_addresses_of_the_settings_are_redirected_to(
    shop: SignInShop, world: World
) -> None:
    given = {"provider": "GOOGLE", "purpose": "LOG_IN", "codeChallenge": "c" * 43}
    for url in (f"{REDIRECT}/", "https://evil.example/signed-in", f"{REDIRECT}?x=1"):
        payload = await shop.api.do("startProvider", given | {"redirectUrl": url}, "url")
        assert [(error["code"], error["field"]) for error in payload["errors"]] == [
            ("INVALID_INPUT", ["redirectUrl"])
        ]
        assert payload["url"] is None
    short = given | {"redirectUrl": REDIRECT, "codeChallenge": "c" * 42}
    assert await shop.api.refusal_codes("startProvider", short) == ["INVALID_INPUT"]
    for purpose in ("LINK", "STEP_UP"):
        other = given | {"redirectUrl": REDIRECT, "purpose": purpose}
        assert await shop.api.mutation_failed("startProvider", other) == ["UNAUTHENTICATED"]


async def test_providers_are_off_by_default(api: Client, http: httpx.AsyncClient) -> None:
    assert await api.ask("{ signInProviders }") == {"signInProviders": []}
    given = {
        "provider": "GOOGLE",
        "purpose": "LOG_IN",
        "redirectUrl": REDIRECT,
        "codeChallenge": "c" * 43,
    }
    assert await api.refusal_codes("startProvider", given) == ["PROVIDER_NOT_SERVED"]
    assert (await http.get("/auth/google/start")).status_code == 404


async def test_the_cookie_is_of_this_host_alone(
    world: World, shop: SignInShop, settings: Settings, local_provider: LocalProvider
) -> None:
    flow = await shop.start()
    started = await shop.browser.open(flow.url)
    cookie = started.headers["set-cookie"]
    assert cookie.startswith("haat-flow=")
    assert "HttpOnly; Max-Age=600; Path=/; SameSite=lax" in cookie
    assert started.headers["cache-control"] == "no-store"
    named = with_provider(settings, local_provider.url)
    app = create_app(named.model_copy(update={"public_url": "https://haat"}))
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="https://haat") as secure:
            flow = await replace(shop, api=Client(secure, shop.api.keys)).start()
            cookie = (await secure.get(flow.url)).headers["set-cookie"]
    assert cookie.startswith("__Host-haat-flow=")
    assert "Secure" in cookie
    assert "Domain" not in cookie


async def test_an_outage_of_the_database_is_no_end(
    world: World, shop: SignInShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    flow = await shop.start()

    async def fail(*_: object) -> None:
        raise OSError

    with monkeypatch.context() as patched:
        patched.setattr(provider_flows, "open_flow", fail)
        answer = await shop.browser.open(flow.url)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    callback = await shop.browser.consent(flow.url)
    with monkeypatch.context() as patched:
        patched.setattr(provider_flows, "answer_flow", fail)
        assert (await shop.browser.open(callback)).status_code == 503
    assert set(await shop.browser.finish(callback)) == {"flow"}


async def test_an_ended_flow_is_deleted_once_nothing_needs_it(
    world: World, database: Database
) -> None:
    (clean,) = provider_flows.CLEANUP
    old = {"expires_at": now() - timedelta(seconds=1)}
    ended, needed, running = (
        answer_of(world.sealer, **old).row,
        answer_of(world.sealer, **old).row,
        answer_of(world.sealer).row,
    )
    await world.save(ended, needed, running)
    waiting = await world.registration(password_hash=None, flow_id=needed.id)
    async with database.session() as session, session.begin():
        await clean(session, 7)
    kept = [await world.fresh(row) is not None for row in (ended, needed, running)]
    assert kept == [False, True, True]
    await world.delete(waiting.row)
    async with database.session() as session, session.begin():
        await clean(session, 7)
    assert await world.fresh(needed) is None
