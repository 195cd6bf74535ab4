"""The contract of every object storage, through its links and directly."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest

from core.ids import new_id
from core.security.signing_keys import SigningKeys
from core.settings import Settings
from core.sizes import MEGABYTE
from gateways.storage import local, s3
from gateways.storage.base import (
    DownloadOptions,
    ObjectStorage,
    StorageMisconfigured,
    StorageUnreachable,
    UploadLink,
)
from gateways.storage.factory import create_storage
from models.uploads import incoming_key
from tests.factories.world import World
from tests.processes import free_port

TEXT = "text/plain"
SERVED = DownloadOptions("text/plain; charset=utf-8", 'a "b"; filename=c.txt\r\nX: é', inline=False)


@pytest.fixture
async def key(world: World) -> str:
    return incoming_key((await world.upload(await world.user())).id)


async def send(
    http: httpx.AsyncClient, link: UploadLink, content: bytes | AsyncIterator[bytes], **headers: str
) -> int:
    sent = await http.request(
        link.method, link.url, content=content, headers=link.headers | headers
    )
    return sent.status_code


async def in_parts(content: bytes) -> AsyncIterator[bytes]:
    for at in range(0, len(content), 1000):
        yield content[at : at + 1000]


async def test_a_sent_object_is_stored(
    objects: ObjectStorage, outside: httpx.AsyncClient, key: str
) -> None:
    content = bytes(range(256)) * 4000  # more than a request elsewhere may have
    assert await objects.read(key, 10) is None
    link = await objects.create_upload_link(key, "image/png", len(content))
    assert link.method == "PUT"
    assert await send(outside, link, content) == 200
    assert await objects.read(key, len(content) + 1) == content
    assert await objects.read(key, 10) == content[:10]


async def test_an_object_sent_again(
    objects: ObjectStorage, outside: httpx.AsyncClient, key: str, used_up: int
) -> None:
    """Our servers accept one upload per link; a bucket accepts more until the link expires."""
    link = await objects.create_upload_link(key, TEXT, 3)
    assert await send(outside, link, b"one") == 200
    assert await send(outside, link, b"two") == used_up
    assert await objects.read(key, 9) == (b"one" if used_up == 409 else b"two")


@pytest.mark.parametrize("content", [b"", b"12", b"1234", b"1" * 300_000])
async def test_another_length_is_refused(
    objects: ObjectStorage, outside: httpx.AsyncClient, key: str, content: bytes
) -> None:
    link = await objects.create_upload_link(key, TEXT, 3)
    assert await send(outside, link, content) == 403
    assert await objects.read(key, 9) is None


async def test_another_type_is_refused(
    objects: ObjectStorage, outside: httpx.AsyncClient, key: str
) -> None:
    link = await objects.create_upload_link(key, TEXT, 3)
    assert await send(outside, link, b"abc", **{"Content-Type": "text/html"}) == 403
    assert await objects.read(key, 9) is None


def changed(url: str, **values: str) -> str:
    """Return the URL with other values of some parameters."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True)) | values
    return parts._replace(query=urlencode(query)).geturl()


def without_signature(url: str) -> str:
    return urlsplit(url)._replace(query="").geturl()


async def test_a_forged_link_is_refused(
    objects: ObjectStorage, outside: httpx.AsyncClient, key: str
) -> None:
    await objects.write(key, b"abc", TEXT)
    fetch = await objects.create_download_link(key, SERVED)
    query = dict(parse_qsl(urlsplit(fetch).query))
    forged = [without_signature(fetch)]
    for name, value in query.items():
        first = str((int(value[0]) + 1) % 10) if value[0].isdigit() else value[0].swapcase()
        forged.append(changed(fetch, **{name: first + value[1:]}))
    assert len(forged) > 1
    for url in forged:
        answer = await outside.get(url)
        assert answer.status_code in {400, 403}, url
        assert b"abc" not in answer.content


async def test_a_link_is_for_one_object(
    objects: ObjectStorage, outside: httpx.AsyncClient, key: str
) -> None:
    other = f"incoming/{new_id()}"
    await objects.write(other, b"abc", TEXT)
    link = await objects.create_download_link(key, SERVED)
    assert (await outside.get(link.replace(key, other))).status_code in {403, 404}
    assert (await outside.get(link)).status_code in {403, 404}


async def test_a_link_is_for_one_method(
    objects: ObjectStorage, outside: httpx.AsyncClient, key: str
) -> None:
    fetch = await objects.create_download_link(key, SERVED)
    sending = await objects.create_upload_link(key, SERVED.content_type, 3)
    assert await send(outside, sending._replace(url=fetch), b"abc") == 403
    assert await objects.read(key, 9) is None
    assert await send(outside, sending, b"abc") == 200
    assert (await outside.get(sending.url)).status_code == 403
    for method in ("POST", "DELETE", "PATCH"):
        answer = await outside.request(method, sending.url, headers=sending.headers)
        assert answer.status_code in {403, 405}
    assert await objects.read(key, 9) == b"abc"


async def test_a_link_ends(
    objects: ObjectStorage, outside: httpx.AsyncClient, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await objects.write(key, b"abc", TEXT)
    for module in (local, s3):
        monkeypatch.setattr(module, "LINK_SECONDS", 1)
    sending = await objects.create_upload_link(key, TEXT, 3)
    fetch = await objects.create_download_link(key, SERVED, seconds=1)
    await asyncio.sleep(2.1)  # links expire at whole seconds
    assert await send(outside, sending, b"new") == 403
    assert (await outside.get(fetch)).status_code == 403
    assert await objects.read(key, 9) == b"abc"


async def test_an_object_is_served_with_the_requested_headers(
    objects: ObjectStorage, outside: httpx.AsyncClient, key: str
) -> None:
    await objects.write(key, b"0123456789", "image/png")
    answer = await outside.get(await objects.create_download_link(key, SERVED))
    assert answer.status_code == 200
    assert answer.content == b"0123456789"
    assert answer.headers["content-type"] == SERVED.content_type
    name = "a%20%22b%22%3B%20filename%3Dc.txt%0D%0AX%3A%20%C3%A9"
    assert answer.headers["content-disposition"] == f"attachment; filename*=UTF-8''{name}"


async def test_a_part_of_an_object(
    objects: ObjectStorage, outside: httpx.AsyncClient, key: str
) -> None:
    await objects.write(key, b"0123456789", TEXT)
    url = await objects.create_download_link(key, SERVED._replace(inline=True))
    answer = await outside.get(url, headers={"Range": "bytes=2-4"})
    assert (answer.status_code, answer.content) == (206, b"234")
    assert answer.headers["content-range"] == "bytes 2-4/10"
    assert answer.headers["content-disposition"].startswith("inline;")


async def test_objects_are_removed_by_the_beginning_of_their_keys(objects: ObjectStorage) -> None:
    one, other = new_id(), new_id()
    keys = [f"kept/{one}-a", f"kept/{one}-b", f"kept/{other}-a", f"incoming/{one}"]
    for key in keys:
        await objects.write(key, b"x", TEXT)
    await objects.remove(f"kept/{one}-", keep=f"kept/{one}-b")
    assert [await objects.read(key, 1) for key in keys] == [None, b"x", b"x", b"x"]
    await objects.remove(f"kept/{one}-")
    await objects.remove(f"kept/{one}-")
    assert [await objects.read(key, 1) for key in keys] == [None, None, b"x", b"x"]


async def test_a_usable_store_logs_nothing(objects: ObjectStorage) -> None:
    await objects.ensure_usable()


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"objects_bucket": "of-another-account"}, "OBJECTS_BUCKET of-another-account"),
        ({"objects_bucket": "", "objects_folder": Path("/dev/null/objects")}, "OBJECTS_FOLDER"),
    ],
)
async def test_a_misconfigured_store_is_reported_at_start(
    settings: Settings,
    bucket: dict[str, str],
    keys: SigningKeys,
    wrong: dict[str, Any],
    expected: str,
) -> None:
    objects = create_storage(settings.model_copy(update=bucket | wrong), keys)
    await objects.start()
    with pytest.raises(StorageMisconfigured, match=expected):
        await objects.ensure_usable()
    await objects.stop()


async def test_a_store_that_does_not_answer_yet_may_be_used_later(
    settings: Settings, bucket: dict[str, str], keys: SigningKeys
) -> None:
    away = bucket | {"objects_url": f"http://127.0.0.1:{free_port()}"}
    objects = create_storage(settings.model_copy(update=away), keys)
    await objects.start()
    with pytest.raises(StorageUnreachable, match="OBJECTS_URL: the storage cannot be reached"):
        await objects.ensure_usable()
    with pytest.raises(StorageUnreachable):
        await objects.read("incoming/1", 1)
    await objects.stop()


async def test_missing_credentials_name_their_settings(
    settings: Settings, bucket: dict[str, str], keys: SigningKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    without = bucket | {"objects_access_key": "", "objects_secret_key": ""}
    objects = create_storage(settings.model_copy(update=without), keys)
    await objects.start()
    with pytest.raises(StorageUnreachable, match="Set OBJECTS_ACCESS_KEY and OBJECTS_SECRET_KEY"):
        await objects.ensure_usable()
    await objects.stop()


async def test_a_file_is_stored_and_listed(objects: ObjectStorage, tmp_path: Path) -> None:
    """A folder is listed whole, and a file need not fit into memory."""
    path, content = tmp_path / "export.zip", b"PK" * (5 * MEGABYTE)
    path.write_bytes(content)
    for name in ("a", "b"):
        await objects.write_file(f"listed/{name}", path, "application/zip")
    await objects.write("other/c", b"", "text/plain")
    assert sorted(await objects.list_keys("listed/")) == ["listed/a", "listed/b"]
    assert await objects.read("listed/a", len(content) + 1) == content
    await objects.remove("listed/a")
    assert await objects.list_keys("listed/") == ["listed/b"]
    assert await objects.list_keys("none/") == []
