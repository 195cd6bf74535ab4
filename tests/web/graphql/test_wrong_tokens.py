"""Wrong API tokens with a valid checksum: few queries per network, and no wait for good ones."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from uuid import uuid4

import httpx
import pytest

from core.clock import now
from core.redis.timeouts import RedisAllowance
from core.security.signing_keys import SigningKeys
from core.security.tokens import new_token
from core.settings import Settings
from services.identity.tokens import known_tokens
from services.identity.tokens.known_tokens import MAX_REMEMBERED, ExpiringMemory, KnownTokens
from services.identity.tokens.token_lookups import WRONG_TOKENS
from tests.client import Client
from tests.factories.world import World
from tests.resolvers.counting import captured
from tests.web.conftest import called

VIEWER = "{ viewer { id } }"


@pytest.fixture
async def http(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """Yield a client in a network of its own."""
    async with called(settings) as http:
        http._transport.client = (uuid4().hex, 1)  # type: ignore[attr-defined]
        yield http


@contextmanager
def looked_up() -> Iterator[list[str]]:
    """Collect the look-ups of API tokens."""
    found: list[str] = []
    with captured() as sent:
        yield found
    found += [statement for statement, _ in sent if "FROM api_token" in statement]


async def ask(http: httpx.AsyncClient, secret: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {secret}"}
    return await http.post("/graphql", json={"query": VIEWER}, headers=headers)


async def test_a_network_can_try_few_wrong_tokens(http: httpx.AsyncClient) -> None:
    with looked_up() as sent:
        answers = await asyncio.gather(*(ask(http, new_token()) for _ in range(100)))
    refused = [answer for answer in answers if answer.status_code == 429]
    assert len(sent) == len(answers) - len(refused)
    assert WRONG_TOKENS <= len(sent) <= WRONG_TOKENS + 20, "one more a second"
    assert refused[0].json()["errors"][0]["extensions"]["code"] == "RATE_LIMITED"
    assert int(refused[0].headers["retry-after"]) > 0


async def test_a_wrong_token_that_is_sent_again_is_neither_counted_nor_looked_up(
    http: httpx.AsyncClient,
) -> None:
    secret = new_token()
    with looked_up() as sent:
        for _ in range(2 * WRONG_TOKENS):
            assert "UNAUTHENTICATED" in (await ask(http, secret)).text
    assert len(sent) == 1
    assert (await ask(http, new_token())).status_code == 200


async def test_good_tokens_do_not_use_the_window_up(world: World, http: httpx.AsyncClient) -> None:
    """Those of many programs behind one address, right after a restart of the process."""
    users = [await world.user() for _ in range(3)]
    secrets = [(await world.api_token(user))[1] for user in users for _ in range(WRONG_TOKENS // 2)]
    answers = await asyncio.gather(*(ask(http, secret) for secret in secrets))
    assert {answer.status_code for answer in answers} == {200}
    assert all("errors" not in answer.json() for answer in answers)
    assert (await ask(http, new_token())).status_code == 200


async def test_wrong_tokens_do_not_stop_good_ones_of_the_same_network(
    world: World, http: httpx.AsyncClient, keys: SigningKeys
) -> None:
    user = await world.user()
    _, secret = await world.api_token(user)
    assert (await ask(http, secret)).status_code == 200
    with looked_up() as before:
        await ask(http, secret)
    for _ in range(WRONG_TOKENS + 5):
        last = await ask(http, new_token())
    assert last.status_code == 429
    with looked_up() as after:
        assert "errors" not in (await ask(http, secret)).json()
    assert len(after) == len(before) == 1
    assert await Client(http, keys).signed_in(user).failed(VIEWER) == []


async def fill_window(http: httpx.AsyncClient) -> httpx.Response:
    """Try wrong tokens until one is refused."""
    for _ in range(2 * WRONG_TOKENS):
        last = await ask(http, new_token())
    assert last.status_code == 429
    return last


async def test_a_token_that_another_process_knows_is_not_stopped(
    world: World, http: httpx.AsyncClient, settings: Settings
) -> None:
    """Also a day after its last use, or right after a restart."""
    _, secret = await world.api_token(await world.user())
    _, unused = await world.api_token(await world.user())
    async with called(settings) as elsewhere:
        assert "errors" not in (await ask(elsewhere, secret)).json()
    await fill_window(http)
    for _ in range(3):
        assert "errors" not in (await ask(http, secret)).json()
    answers = [(await ask(http, new_token())).status_code, (await ask(http, unused)).status_code]
    assert 429 in answers, "the control: a token that was not used has to wait"


async def test_a_good_token_that_nobody_knows_waits_a_second(
    world: World, http: httpx.AsyncClient
) -> None:
    _, secret = await world.api_token(await world.user())
    refused = await fill_window(http)
    assert refused.headers["retry-after"] == "1"
    for _ in range(10):  # seconds; the window has room again after 30
        answer = await ask(http, secret)
        if answer.status_code == 200:
            break
        await asyncio.sleep(1)
    assert "errors" not in answer.json()


async def test_known_tokens_are_bounded(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(known_tokens, "MAX_SHARED", 2)
    monkeypatch.setattr(known_tokens, "KEY", f"haat:test:{uuid4()}")
    known, allowance = KnownTokens(settings.redis), RedisAllowance()
    try:
        for name in (b"a", b"b", b"c"):
            assert not await known.shares(name, allowance)
            await known.note(name, allowance)
        assert [await known.shares(name, allowance) for name in (b"a", b"b", b"c")].count(True) == 2
        assert 0 < await known._redis.ttl(known_tokens.KEY) <= known_tokens.SHARED_SECONDS
    finally:
        await known.close()


async def test_a_revoked_token_is_not_looked_up_again_and_again(
    world: World, http: httpx.AsyncClient
) -> None:
    row, secret = await world.api_token(await world.user())
    assert "errors" not in (await ask(http, secret)).json()
    row.revoked_at = now()
    await world.save(row)
    with looked_up() as sent:
        for _ in range(10):
            assert "UNAUTHENTICATED" in (await ask(http, secret)).text
    assert len(sent) == 1


def test_few_tokens_are_remembered() -> None:
    memory = ExpiringMemory(60)
    for number in range(MAX_REMEMBERED + 1):
        memory.add(number.to_bytes(4))
    assert (0).to_bytes(4) not in memory
    assert all(number.to_bytes(4) in memory for number in range(1, MAX_REMEMBERED + 1))
    forgetful = ExpiringMemory(0)
    forgetful.add(b"a")
    assert b"a" not in forgetful
    memory.discard((1).to_bytes(4))
    assert (1).to_bytes(4) not in memory
