"""Tabs that refresh one session in parallel at two processes, and answers that are lost."""

import asyncio
import json
import os
from collections.abc import Callable
from itertools import cycle
from typing import Any

import httpx
import pytest
from sqlmodel import select

from core.database import for_change
from core.statements.statement import Statement
from models.audit import AuditEntry
from models.identity.accounts import RefreshToken, UserSession
from services.identity.sessions import refreshes
from services.transaction import Transactions
from tests.client import Client
from tests.factories.emails import email_of
from tests.factories.identity import PASSWORD
from tests.factories.world import World
from tests.races.meeting import held
from tests.resolvers.identity.refreshing import TOKENS, pass_time, refreshed, refusal, use
from tests.services.conftest import PublicationRecorder

TABS = 20
ROUNDS = int(os.environ.get("REFRESH_ROUNDS", "10"))  # `make test-all` takes 200
REFRESH = "mutation ($t: String!) { refreshSession(input: {refreshToken: $t}) { errors { code } } }"
Tokens = dict[str, str]


async def log_in(api: Client, world: World) -> Tokens:
    account = {"email": email_of(await world.user()), "password": PASSWORD}
    tokens: Tokens = (await api.do("logIn", account, TOKENS))["session"]
    return tokens


async def refresh_in_tabs(clients: list[Client], tokens: Tokens) -> list[Tokens | None]:
    """Refresh in all tabs at once. None stands for the end of the session."""

    async def refresh(client: Client) -> Tokens | None:
        presented = {"refreshToken": tokens["refreshToken"]}
        answer: Tokens | None = (await client.do("refreshSession", presented, TOKENS))["session"]
        return answer

    tabs = zip(cycle(clients), range(TABS), strict=False)
    return list(await asyncio.gather(*(refresh(client) for client, _ in tabs)))


def refresh_tokens(answers: list[Tokens | None]) -> set[str | None]:
    return {answer["refreshToken"] if answer else None for answer in answers}


async def stored_sessions(world: World) -> list[UserSession]:
    """Return the sessions that logged in; those of the factory have no tokens."""
    async with world.database.session() as session:
        ours = select(UserSession).where(
            select(RefreshToken.id).where(RefreshToken.session_id == UserSession.id).exists()
        )
        return list((await session.exec(ours)).all())


async def test_tabs_that_refresh_at_once_get_the_same_successor(
    world: World, clients: list[Client]
) -> None:
    tokens: Any = await log_in(clients[0], world)
    for round in range(1, ROUNDS + 1):
        await pass_time(world)
        answers = await refresh_in_tabs(clients, tokens)
        (successor,) = refresh_tokens(answers)
        assert successor not in {None, tokens["refreshToken"]}
        tokens = answers[round % TABS]
    (user_session,) = await stored_sessions(world)
    assert (user_session.rotations, user_session.ended_at) == (ROUNDS, None)


async def test_tabs_lose_the_session_without_repeats(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: each token is good once, as it was before."""

    async def never(*_: object) -> None:
        pass

    monkeypatch.setattr(refreshes, "_repeat", never)
    tokens = await log_in(api, world)
    await pass_time(world)
    answers = await refresh_in_tabs([api], tokens)
    assert answers.count(None) == TABS - 1
    (user_session,) = await stored_sessions(world)
    assert user_session.ended_at is not None


@pytest.mark.parametrize("locked", [(), (UserSession,)], ids=["no lock", "of the session alone"])
async def test_tabs_get_different_successors_without_the_locks(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch, locked: tuple[type, ...]
) -> None:
    """The control: several exchange the token, and the salt of the last one stays.

    With the session alone, a refresh that has waited for another finds the token unused.
    """
    rows = for_change(refreshes.HELD, of=locked) if locked else refreshes.HELD
    monkeypatch.setattr(refreshes, "LOCK", Statement(rows, UserSession))
    tokens = await log_in(api, world)
    await pass_time(world)
    async with held(world.database, "SELECT FROM refresh_token FOR UPDATE"):
        answers = await refresh_in_tabs([api], tokens)
    assert len(refresh_tokens(answers)) > 1


@pytest.mark.parametrize("thefts", [1, TABS])
async def test_a_copy_that_many_find_at_once_is_one_theft(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch, thefts: int
) -> None:
    """Without a look at the locked session, the control, each ends it again."""
    if thefts == TABS:
        monkeypatch.setattr(UserSession, "is_open", True)
    token = (await log_in(api, world))["refreshToken"]
    transactions = Transactions(world.database, PublicationRecorder())

    async def end() -> None:
        async with transactions.begin() as session:
            await refreshes.end_stolen_session(session, token)

    await asyncio.gather(*(end() for _ in range(TABS)))
    async with world.database.session() as session:
        noted = select(AuditEntry).where(AuditEntry.code == refreshes.TOKEN_REUSED)
        assert len((await session.exec(noted)).all()) == thefts
    assert (await stored_sessions(world))[0].ended_at is not None


async def test_slow_tabs_converge(world: World, api: Client) -> None:
    """One tab has the successor and refreshes it, while another still presents the old token."""
    first = await log_in(api, world)
    await pass_time(world)
    second = await refreshed(api, first)
    await pass_time(world, 25)
    third = await refreshed(api, second)
    assert (await refreshed(api, first))["refreshToken"] == third["refreshToken"]


async def test_slow_tabs_lose_the_session_if_young_tokens_are_exchanged(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the old token is then the predecessor of the predecessor."""
    monkeypatch.setattr(refreshes, "MIN_AGE", refreshes.MIN_AGE * 0)
    first = await log_in(api, world)
    second = await refreshed(api, first)
    await refreshed(api, second)
    assert await refusal(api, first) == ["SESSION_ENDED"]


async def abandon(client: Client, tokens: Tokens) -> None:
    """Send a refresh over a connection of its own, and close that before the answer."""
    url = httpx.URL(str(client.http.base_url))
    body = json.dumps({"query": REFRESH, "variables": {"t": tokens["refreshToken"]}})
    head = (
        f"POST /graphql HTTP/1.1\r\nHost: {url.host}\r\nContent-Type: application/json\r\n"
        f"User-Agent: {client.http.headers['User-Agent']}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    _, writer = await asyncio.open_connection(url.host, url.port)
    writer.write((head + body).encode())
    await writer.drain()
    writer.close()
    await writer.wait_closed()


async def wait_for_rotation(world: World, most: int) -> None:
    """Wait until the refresh was committed, which a process may do after its caller has left."""
    for _ in range(200):
        if max(one.rotations for one in await stored_sessions(world)) >= most:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("the refresh was not committed")


@pytest.mark.parametrize("later", [0, 3600], ids=["at once", "an hour later"])
async def test_a_cancelled_refresh_can_be_repeated_at_another_process(
    world: World, servers: list[Client], later: int
) -> None:
    here, there = servers
    tokens = await log_in(here, world)
    await pass_time(world)
    await abandon(here, tokens)
    await wait_for_rotation(world, 1)
    await pass_time(world, later)
    again = await refreshed(there, tokens)
    assert again["refreshToken"] != tokens["refreshToken"]
    assert await refusal(here, again) == []
    (user_session,) = await stored_sessions(world)
    assert (user_session.rotations, user_session.ended_at) == (2 if later else 1, None)


@pytest.mark.parametrize("order", [list, reversed], ids=["thief first", "owner first"])
async def test_a_thief_at_another_process_ends_the_session(
    world: World, servers: list[Client], order: Callable[..., Any]
) -> None:
    first, second = order(servers)
    tokens = await log_in(servers[1], world)
    await pass_time(world)
    newer = await refreshed(first, tokens)
    await use(world, first, newer)
    await pass_time(world)
    assert await refusal(second, tokens) == ["SESSION_ENDED"]
    assert await refusal(first, newer) == ["SESSION_ENDED"]
    assert await refusal(second, newer) == ["SESSION_ENDED"]


async def test_thieves_and_owners_who_refresh_at_once_are_parted_by_the_next_step(
    world: World, clients: list[Client]
) -> None:
    """They get one token, and the later refresh of it ends the session."""
    thief, owner = clients
    tokens = await log_in(owner, world)
    await pass_time(world)
    (shared,) = refresh_tokens(await refresh_in_tabs(clients, tokens))
    await pass_time(world)
    newer = await refreshed(owner, {"refreshToken": str(shared)})
    await use(world, owner, newer)
    await pass_time(world)
    assert await refusal(thief, {"refreshToken": shared}) == ["SESSION_ENDED"]
    assert await refusal(owner, newer) == ["SESSION_ENDED"]
