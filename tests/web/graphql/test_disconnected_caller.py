"""A caller that has disconnected while its password waited to be hashed."""

import asyncio
import json
from typing import Any
from uuid import uuid4

import pytest
from sqlmodel import select
from starlette.applications import Starlette

from core.security import passwords
from core.settings import Settings
from models.identity.registrations import Registration
from services.identity.addresses.sealed_addresses import has_email, lookup_email
from tests.factories.world import World
from tests.web.conftest import started

REGISTER = "mutation ($input: RegisterInput!) { register(input: $input) { errors { code } } }"
SCOPE: dict[str, Any] = {
    "type": "http",
    "asgi": {"version": "3.0"},
    "http_version": "1.1",
    "method": "POST",
    "scheme": "http",
    "path": "/graphql",
    "raw_path": b"/graphql",
    "query_string": b"",
    "headers": [(b"host", b"haat"), (b"content-type", b"application/json")],
    "client": ("198.51.100.77", 1),
    "server": ("haat", 80),
}


async def register(app: Starlette, *, disconnects: bool) -> str:
    """Send a registration over ASGI, and return its address."""
    email = f"{uuid4().hex}@haat.example"
    given = {"email": email, "name": "Asha", "password": "kitchen-ladder-74-plum"}
    body = json.dumps({"query": REGISTER, "variables": {"input": given}}).encode()
    messages = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> dict[str, Any]:
        if messages:
            return messages.pop()
        if not disconnects:
            await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        pass

    await app(dict(SCOPE), receive, send)
    return email


@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize("disconnects", [True, False])
async def test_nothing_is_hashed_for_a_caller_that_has_left(
    world: World,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    disconnects: bool,
    known: bool,
) -> None:
    """Both in the full stack and on the short path, which answers known operations."""
    hashed: list[str] = []
    hash_password = passwords.hash_password

    def record(password: str) -> str:
        hashed.append(password)
        return hash_password(password)

    async with started(settings) as app:
        if known:
            await register(app, disconnects=False)
        monkeypatch.setattr(passwords, "hash_password", record)
        email = await register(app, disconnects=disconnects)
    async with world.database.session() as session:
        rows = (
            await session.exec(
                select(Registration).where(
                    has_email(Registration, lookup_email(world.sealer, email))
                )
            )
        ).all()
    assert (len(hashed), len(rows)) == ((0, 0) if disconnects else (1, 1))
