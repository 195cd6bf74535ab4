"""A request is answered the same on the short path and through the full stack."""

from typing import Any

import httpx
import pytest

from core.errors import Unavailable
from core.security.signing_keys import SigningKeys
from core.statements.read_connections import ReadConnections
from engine.execution.executor import Executor
from models.scopes import ApiScope
from tests.client import Client, gid
from tests.factories.redemptions import Till
from tests.factories.world import World
from tests.web.short_path.exchange import Exchange, Observer, taken
from tests.web.short_path.requests import LIKE, LOG_OUT, ORDINARY, OTHERS, PAGE, post


@pytest.fixture
def observer(monkeypatch: pytest.MonkeyPatch) -> Observer:
    return Observer(monkeypatch)


async def compared(
    observer: Observer, http: httpx.AsyncClient, request: dict[str, Any], *, short: bool
) -> Exchange:
    """Send a request both ways, after a first time, which makes its document known."""
    with observer.full_stack():
        await observer.send(http, **request)
        full = await observer.send(http, **request)
    before = taken()
    found = await observer.send(http, **request)
    assert taken() - before == short
    assert found == full
    return found


@pytest.mark.parametrize("request_", ORDINARY.values(), ids=list(ORDINARY))
async def test_ordinary_requests_take_the_short_path(
    observer: Observer, http: httpx.AsyncClient, request_: dict[str, Any]
) -> None:
    found = await compared(observer, http, request_, short=True)
    assert found.status == 200
    assert len(found.charged) == len(found.events) == 1


@pytest.mark.parametrize("request_", OTHERS.values(), ids=list(OTHERS))
async def test_other_requests_take_the_full_stack(
    observer: Observer, http: httpx.AsyncClient, request_: dict[str, Any]
) -> None:
    await compared(observer, http, request_, short=False)


@pytest.mark.parametrize("request_", [ORDINARY["page"], ORDINARY["bad id"], OTHERS["wrong token"]])
async def test_callers_without_points_are_refused_by_the_full_stack(
    observer: Observer, http: httpx.AsyncClient, request_: dict[str, Any]
) -> None:
    await compared(observer, http, request_, short="Authorization" not in request_["headers"])
    observer.poor = True
    with observer.full_stack():
        full = await observer.send(http, **request_)
    before = taken()
    found = await observer.send(http, **request_)
    assert taken() == before
    assert b"RATE_LIMITED" in found.body
    assert (found.status, found.headers, found.body) == (full.status, full.headers, full.body)
    assert (found.counted, found.events) == (full.counted, full.events)


async def test_signed_in_callers(
    observer: Observer, world: World, api: Client, keys: SigningKeys
) -> None:
    till = await Till.open(world)
    user = await world.user()
    _, reading = await world.api_token(user, ApiScope.READ)
    _, writing = await world.api_token(user)
    expired, _ = keys.sign_access(user.id, user.id, minutes=-5)
    like = post(LIKE, variables={"id": gid(till.offer)})
    viewed = post("{ viewer { id name } }")
    for client, mutates in (
        (api.signed_in(user), True),
        (api.bearing(writing), True),
        (api.bearing(reading), False),
    ):
        for request, short in ((like, mutates), (viewed, True), (post(PAGE), True)):
            await compared(observer, api.http, request | {"headers": client.headers}, short=short)
    for client in (api.bearing(expired), api.bearing(reading + "x")):
        await compared(observer, api.http, viewed | {"headers": client.headers}, short=False)


async def test_an_ended_session_is_refused_at_once(
    observer: Observer, world: World, api: Client
) -> None:
    """Its token was verified before, and is in the memory of verified tokens."""
    client = api.signed_in(await world.user())
    viewed = post("{ viewer { id } }", headers=client.headers)
    await compared(observer, api.http, viewed, short=True)
    await client.ask(LOG_OUT)
    found = await compared(observer, api.http, viewed, short=False)
    assert b"UNAUTHENTICATED" in found.body


async def test_faults_of_the_server_are_hidden_and_logged(
    observer: Observer,
    http: httpx.AsyncClient,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def fail(*_: object, **__: object) -> None:
        raise RuntimeError("secret")

    await compared(observer, http, ORDINARY["page"], short=True)
    monkeypatch.setattr(Executor, "execute", fail)
    found = await compared(observer, http, ORDINARY["page"], short=True)
    assert b"INTERNAL" in found.body
    assert b"secret" not in found.body
    assert "graphql.internal_error" in caplog.text


async def test_an_outage_is_answered_with_503(
    observer: Observer, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise Unavailable

    await compared(observer, http, ORDINARY["page"], short=True)
    monkeypatch.setattr(ReadConnections, "fetch", fail)
    found = await compared(observer, http, ORDINARY["page"], short=True)
    assert found.status == 503
