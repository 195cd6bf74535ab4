"""A user creates thirty API tokens concurrently when one more is allowed."""

from collections import Counter

import pytest
from sqlalchemy import Select

from services.identity.sessions import sessions
from services.identity.tokens import api_tokens
from services.notifications import inbox
from tests.client import Client
from tests.factories.world import World
from tests.races.crowd import at_once, tally
from tests.races.meeting import Meeting

TOKEN = {"name": "Program", "scopes": ["READ"]}


async def make_at_once(clients: list[Client], world: World) -> Counter[str]:
    user = await world.user()
    for _ in range(api_tokens.MAX_TOKENS - 1):
        await world.api_token(user)
    made = [clients[number % 2].signed_in(user).do("createApiToken", TOKEN) for number in range(30)]
    return tally(await at_once(made))


async def test_twenty_tokens_and_no_more(world: World, clients: list[Client]) -> None:
    assert await make_at_once(clients, world) == {"OK": 1, "API_TOKEN_LIMIT_REACHED": 29}


async def test_more_than_twenty_tokens_without_the_lock(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unlocked(rows: Select[tuple[object]]) -> Select[tuple[object]]:
        return rows

    for module in (sessions, api_tokens):  # the check of the session locks the user too
        monkeypatch.setattr(module, "for_change", unlocked)
    monkeypatch.setattr(api_tokens, "notify", Meeting().before(inbox.notify))
    assert (await make_at_once([api, api], world))["OK"] > 1
