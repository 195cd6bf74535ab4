"""No other user of the machine can read what a server or a worker writes."""

import asyncio
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from core.runtime.private_files import OTHERS, make_private
from core.security.signing_keys import SigningKeys
from core.settings import Settings
from tests.client import Client
from tests.factories.files import PAGE, TEXT
from tests.factories.world import World
from tests.jobs.notifications.deliveries import redeemed
from tests.processes import free_port, running, wait_until_ready
from tests.resolvers.uploads.uploader import Uploader


@pytest.fixture
def home(settings: Settings, tmp_path: Path) -> Path:
    """Return a folder with the files of an earlier release, which everyone could read."""
    for name in ("objects/kept", "outbox"):
        (tmp_path / name).mkdir(parents=True, mode=0o755)
    for name in ("objects/kept/old", "outbox/old.eml"):
        (tmp_path / name).write_text("private")
    shutil.copy(settings.keys_file, tmp_path / "keys.json")
    (tmp_path / "keys.json").chmod(0o644)
    return tmp_path


@pytest.fixture
def environment(settings: Settings, home: Path) -> dict[str, str]:
    return {
        "DATABASE_URL": str(settings.database_url),
        "REDIS_URL": str(settings.redis_url),
        "KEYS_FILE": str(home / "keys.json"),
        "OUTBOX": str(home / "outbox"),
        "OBJECTS_FOLDER": str(home / "objects"),
        "NOTIFY_AFTER_SECONDS": "0",
    }


@pytest.fixture
def server(environment: dict[str, str]) -> Iterator[str]:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with running("serve", **environment, PORT=str(port)), running("worker", **environment):
        wait_until_ready(address)
        yield address


def readable_by_others(folder: Path) -> list[str]:
    return [str(path) for path in folder.rglob("*") if path.stat().st_mode & OTHERS]


async def test_files_of_a_running_server_are_private(
    world: World, api: Client, keys: SigningKeys, home: Path, server: str
) -> None:
    await redeemed(world, api)
    user = await world.user()
    async with httpx.AsyncClient(base_url=server, timeout=30) as http:
        me = Uploader(Client(http, keys)).of(user)
        pending = await me.announce(TEXT)
        assert (await me.send(pending, TEXT)).status_code == 200
        assert (await me.upload(TEXT))["upload"]["state"] == "READY"
        assert (await me.upload(PAGE))["upload"]["state"] == "REFUSED"
    deadline = time.monotonic() + 30
    while not set((home / "outbox").glob("*.eml")) - {home / "outbox/old.eml"}:
        assert time.monotonic() < deadline, "The worker sends no mail."
        await asyncio.sleep(0.1)
    assert len(list((home / "objects").rglob("*"))) > 3
    assert readable_by_others(home) == []


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    """A mounted secret is a link to a file of another user."""
    target = tmp_path / "target"
    target.write_text("x")
    target.chmod(0o644)
    (tmp_path / "link").symlink_to(target)
    make_private(tmp_path / "link")
    make_private(tmp_path / "missing")
    assert target.stat().st_mode & OTHERS
