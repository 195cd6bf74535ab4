"""Uploads through the server: one at a time and one per link, with a deadline, at a price."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

import web.files.objects
from core.database import Database
from core.ids import new_id
from core.security.signing_keys import SigningKeys
from core.settings import Settings
from gateways.storage.base import DownloadOptions, StorageOutOfSpace
from gateways.storage.local import LocalStorage
from models.uploads import Upload, UploadState, incoming_key
from services.uploads import transfers
from tests.factories.world import World
from tests.running import Server, serving
from tests.web.conftest import called
from tests.web.files.test_files import within

SIZE, AT_ONCE = 10, 8
CONTENT = b"x" * SIZE


@pytest.fixture
async def upload(world: World) -> Upload:
    return await world.upload(await world.user(), size=SIZE)


@pytest.fixture(scope="module")
def folder(settings: Settings, keys: SigningKeys) -> LocalStorage:
    return LocalStorage(settings.objects_folder, settings.address, keys)


async def link_of(folder: LocalStorage, upload: Upload, size: int = SIZE) -> str:
    link = await folder.create_upload_link(incoming_key(upload.id), "text/plain", size)
    return within(link.url)


async def put(
    http: httpx.AsyncClient, url: str, content: bytes | AsyncIterator[bytes] = CONTENT
) -> httpx.Response:
    return await http.put(url, content=content, headers={"Content-Type": "text/plain"})


async def half() -> AsyncIterator[bytes]:
    yield CONTENT[:5]


def objects_of(upload: Upload, settings: Settings) -> list[Path]:
    return list(settings.objects_folder.glob(f"incoming/{upload.id}*"))


async def test_a_link_is_used_once(
    http: httpx.AsyncClient, folder: LocalStorage, upload: Upload, world: World
) -> None:
    url = await link_of(folder, upload)
    assert [(await put(http, url)).status_code for _ in range(2)] == [200, 409]
    row = await world.fresh(upload)
    assert row is not None
    assert row.received_at is not None
    assert row.transfer_ends_at is None


async def test_an_interrupted_upload_can_be_sent_again(
    http: httpx.AsyncClient, folder: LocalStorage, upload: Upload, settings: Settings
) -> None:
    url = await link_of(folder, upload)
    assert (await put(http, url, half())).status_code == 403
    assert objects_of(upload, settings) == []
    assert (await put(http, url)).status_code == 200


@pytest.mark.parametrize(
    "values",
    [
        {"state": UploadState.READY, "key": "kept/1"},
        {"state": UploadState.REFUSED, "rejection_reason": "TYPE"},
        {"expires_at": "2020-01-01T00:00:00Z"},
        None,
    ],
    ids=["ready", "refused", "expired", "deleted"],
)
async def test_the_link_of_a_finished_upload_is_refused(
    http: httpx.AsyncClient,
    folder: LocalStorage,
    upload: Upload,
    world: World,
    settings: Settings,
    values: dict[str, str] | None,
) -> None:
    async with world.database.session() as session, session.begin():
        row = await session.get_one(Upload, upload.id)
        if values is None:
            await session.delete(row)
        else:
            row.sqlmodel_update(Upload.model_validate(row.model_dump() | values))
    assert (await put(http, await link_of(folder, upload))).status_code == 409
    assert objects_of(upload, settings) == []


async def test_a_slow_upload_ends_at_its_deadline(
    http: httpx.AsyncClient,
    folder: LocalStorage,
    upload: Upload,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def slow() -> AsyncIterator[bytes]:
        yield CONTENT[:5]
        await asyncio.sleep(30)
        yield CONTENT[5:]

    url = await link_of(folder, upload)
    with monkeypatch.context() as patched:
        patched.setattr(web.files.objects, "transfer_seconds", lambda size: 0.2)
        assert (await put(http, url, slow())).status_code == 408
    assert objects_of(upload, settings) == []
    assert (await put(http, url)).status_code == 200


def test_the_deadline_allows_a_slow_connection() -> None:
    assert transfers.transfer_seconds(25 * 1024 * 1024) == 830


async def test_a_full_disk_is_reported(
    http: httpx.AsyncClient, folder: LocalStorage, upload: Upload, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: object) -> bool:
        raise StorageOutOfSpace

    url = await link_of(folder, upload)
    with monkeypatch.context() as patched:
        patched.setattr(LocalStorage, "receive", full)
        answer = await put(http, url)
    assert (answer.status_code, answer.headers["connection"]) == (507, "close")
    assert (await put(http, url)).status_code == 200


async def test_the_space_that_must_stay_free(
    settings: Settings, keys: SigningKeys, upload: Upload
) -> None:
    """More than any disk has must stay free."""
    demanding = settings.model_copy(update={"objects_min_free_mb": 1_048_576 * 1024})
    folder = LocalStorage(settings.objects_folder, settings.address, keys)
    async with called(demanding) as http:
        assert (await put(http, await link_of(folder, upload))).status_code == 507
    assert objects_of(upload, settings) == []


async def test_transfers_are_charged(
    settings: Settings, keys: SigningKeys, folder: LocalStorage, world: World
) -> None:
    """The owner has points for one upload; the network has points for one download."""
    user, size = await world.user(), 2_000_000
    uploads = [await world.upload(user, size=size) for _ in range(2)]
    points = {"user_points": 100, "anonymous_points": 100, "points_per_second": 1}
    key = f"kept/{new_id()}-a"
    await folder.write(key, bytes(9_000_000), "text/plain")
    options = DownloadOptions("text/plain", "a.txt", inline=False)
    download = within(await folder.create_download_link(key, options))
    async with called(settings.model_copy(update=points | {"user_points": 30})) as http:
        http._transport.client = ("198.51.100.250", 1)  # type: ignore[attr-defined]
        urls = [await link_of(folder, upload, size) for upload in uploads]
        first, second = [await put(http, url, bytes(size)) for url in urls]
        assert [first.status_code, second.status_code] == [200, 429]
        # 20 of 30 points are used, and one comes back per second.
        assert 0 < int(second.headers["retry-after"]) <= 10
        statuses = [(await http.get(download)).status_code for _ in range(2)]
        assert statuses == [200, 429]
        for _ in range(20):
            last = await http.get("/objects")
        assert last.status_code == 429
    refused = await world.fresh(uploads[1])
    assert refused is not None
    assert refused.transfer_ends_at is None


async def test_an_unreachable_database_is_reported(
    http: httpx.AsyncClient, folder: LocalStorage, upload: Upload, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise OSError("PostgreSQL does not answer.")

    monkeypatch.setattr(web.files.objects, "start_transfer", away)
    assert (await put(http, await link_of(folder, upload))).status_code == 503


async def started_at_once(database: Database, upload: Upload) -> int:
    """Return how many of eight transfers of one link start while none has ended."""

    async def start() -> bool:
        async with database.session() as session, session.begin():
            return await transfers.start_transfer(session, upload.id, 60) is not None

    return sum(await asyncio.gather(*(start() for _ in range(AT_ONCE))))


async def test_one_transfer_at_a_time(world: World, database: Database) -> None:
    user = await world.user()
    started = [await started_at_once(database, await world.upload(user)) for _ in range(10)]
    assert started == [1] * 10


async def test_one_transfer_at_a_time_without_the_guard(
    world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfers, "or_", lambda *conditions: text("true"))
    assert await started_at_once(database, await world.upload(await world.user())) == AT_ONCE


async def test_a_crashed_transfer_ends(world: World, database: Database) -> None:
    upload = await world.upload(await world.user())
    async with database.session() as session, session.begin():
        assert await transfers.start_transfer(session, upload.id, -60) is not None
        assert await transfers.start_transfer(session, upload.id, 60) is not None
        assert await transfers.start_transfer(session, upload.id, 60) is None


async def send_slowly(server: Server, url: str, refused: asyncio.Event) -> int:
    """Send the last byte when the others were refused, and return the status."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    head = f"PUT {url} HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n"
    writer.write(f"{head}Content-Length: {SIZE}\r\n\r\n".encode() + CONTENT[:-1])
    answer = asyncio.create_task(reader.read(100))
    await asyncio.wait(
        [answer, asyncio.create_task(refused.wait())],
        timeout=30,
        return_when=asyncio.FIRST_COMPLETED,
    )
    if not answer.done():
        writer.write(CONTENT[-1:])
    status = int((await answer).split()[1])
    writer.close()
    return status


async def test_one_transfer_at_a_time_on_two_servers(
    upload: Upload, folder: LocalStorage, settings: Settings, tmp_path: Path
) -> None:
    """Two processes share the folder."""
    redis, url = str(settings.redis_url), await link_of(folder, upload)
    statuses: Counter[int] = Counter()
    refused = asyncio.Event()

    async def send(server: Server) -> None:
        statuses[await send_slowly(server, url, refused)] += 1
        if statuses[409] == AT_ONCE - 1:
            refused.set()

    with (
        serving(settings, redis, tmp_path / "one") as one,
        serving(settings, redis, tmp_path / "two") as two,
    ):
        await asyncio.gather(*(send(server) for server in [one, two] * (AT_ONCE // 2)))
    assert statuses == {200: 1, 409: AT_ONCE - 1}
    assert [path.read_bytes() for path in objects_of(upload, settings)] == [CONTENT]
