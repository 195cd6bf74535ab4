"""Links of the local storage: response headers and accepted uploads."""

import socket
import time
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from core.ids import new_id
from core.security.signing_keys import SigningKeys
from core.settings import Settings
from gateways.storage.base import DownloadOptions
from gateways.storage.local import LocalStorage
from models.uploads import incoming_key
from tests.factories.world import World
from tests.web.conftest import called
from tests.web.middleware.test_cross_site import SHOP, THIEF, preflight

PAGE = DownloadOptions("text/html", "page.html", inline=True)


@pytest.fixture(scope="module")
def folder(settings: Settings, keys: SigningKeys) -> LocalStorage:
    return LocalStorage(settings.objects_folder, settings.address, keys)


@pytest.fixture
async def key(world: World) -> str:
    return incoming_key((await world.upload(await world.user())).id)


@pytest.fixture(scope="module")
async def shared(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """Return a client of an app that allows the shop's origin."""
    async with called(settings.model_copy(update={"cors_origins": [SHOP]})) as client:
        yield client


def within(link: str) -> str:
    """Return the link without its host."""
    parts = urlsplit(link)
    return f"{parts.path}?{parts.query}"


async def test_a_download_cannot_act_as_a_page(
    http: httpx.AsyncClient, folder: LocalStorage, key: str
) -> None:
    await folder.write(key, b"<script>1</script>", "text/html")
    answer = await http.get(within(await folder.create_download_link(key, PAGE)))
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert answer.headers["cache-control"] == "private, max-age=900"


async def test_an_allowed_origin_may_upload_and_download(
    shared: httpx.AsyncClient, folder: LocalStorage, key: str
) -> None:
    link = await folder.create_upload_link(key, "text/plain", 3)
    leave = await shared.options("/objects", headers=preflight(SHOP, "PUT", "content-type"))
    assert leave.status_code == 200
    assert leave.headers["access-control-allow-origin"] == SHOP
    assert "PUT" in leave.headers["access-control-allow-methods"]
    headers = link.headers | {"Origin": SHOP}
    sent = await shared.put(within(link.url), content=b"abc", headers=headers)
    assert (sent.status_code, sent.headers["access-control-allow-origin"]) == (200, SHOP)
    url = within(await folder.create_download_link(key, PAGE))
    fetched = await shared.get(url, headers={"Origin": SHOP})
    assert (fetched.content, fetched.headers["access-control-allow-origin"]) == (b"abc", SHOP)


async def test_other_origins_may_neither_upload_nor_download(shared: httpx.AsyncClient) -> None:
    leave = await shared.options("/objects", headers=preflight(THIEF, "PUT", "content-type"))
    assert leave.status_code == 400
    assert "access-control-allow-origin" not in leave.headers


async def in_parts(size: int) -> AsyncIterator[bytes]:
    for _ in range(size // 1000):
        yield b"x" * 1000


@pytest.mark.parametrize(("size", "status"), [(2_000_000, 200), (1_999_000, 403)])
async def test_a_chunked_upload_is_accepted(
    http: httpx.AsyncClient, folder: LocalStorage, key: str, size: int, status: int
) -> None:
    link = await folder.create_upload_link(key, "text/plain", 2_000_000)
    sent = await http.put(within(link.url), content=in_parts(size), headers=link.headers)
    assert sent.status_code == status
    assert (await folder.read(key, 3_000_000) is not None) == (status == 200)


async def test_an_endless_upload_is_cut_off(
    http: httpx.AsyncClient, folder: LocalStorage, key: str, settings: Settings
) -> None:
    link, sent = await folder.create_upload_link(key, "text/plain", 10_000), 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 10_000_000:
            sent += 1000
            yield b"x" * 1000

    answer = await http.put(within(link.url), content=endless(), headers=link.headers)
    assert answer.status_code == 403
    assert sent == 11_000
    assert parts_of(key, settings) == []


def parts_of(key: str, settings: Settings) -> list[Path]:
    return list(settings.objects_folder.glob(f"{key}*"))


def test_an_aborted_upload_stores_nothing(
    server: str, folder: LocalStorage, settings: Settings, key: str
) -> None:
    url = folder._link(2**31, method="PUT", key=key, type="text/plain", size=1_000_000)
    address = urlsplit(server)
    head = (
        f"PUT {within(url)} HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n"
        "Content-Length: 1000000\r\nExpect: 100-continue\r\n\r\n"
    )
    with socket.create_connection((address.hostname, address.port or 80), timeout=30) as raw:
        raw.sendall(head.encode())
        assert raw.recv(100).startswith(b"HTTP/1.1 100")
        raw.sendall(b"x" * 500_000)
        raw.shutdown(socket.SHUT_WR)
        while raw.recv(65536):
            pass
    end = time.monotonic() + 30
    while parts_of(key, settings):
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.parametrize(
    "key", ["../keys.json", "incoming/../../keys.json", "/etc/passwd", "incoming/", "a/b/c", ""]
)
def test_an_invalid_key_has_no_path(folder: LocalStorage, key: str) -> None:
    with pytest.raises(ValueError, match="is not an object key"):
        folder.path(key)


@pytest.mark.parametrize("query", ["", "?link=", "?link=garbage", "?link=a.b.c"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT"])
async def test_a_request_without_a_valid_link_is_rejected(
    http: httpx.AsyncClient, method: str, query: str
) -> None:
    assert (await http.request(method, f"/objects{query}")).status_code == 403


async def test_other_tokens_are_not_links(http: httpx.AsyncClient, keys: SigningKeys) -> None:
    token, _ = keys.sign_access(new_id(), new_id(), 15)
    for other in (token, keys.sign_voucher(new_id(), 1)):
        assert (await http.get("/objects", params={"link": other})).status_code == 403
    link = keys.sign_link({"method": "GET", "key": "a/b", "sub": str(new_id())}, 2**31)
    asked = await http.post(
        "/graphql", json={"query": "{ viewer { id } }"}, headers={"Authorization": f"Bearer {link}"}
    )
    assert asked.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_a_deleted_file_is_404(
    http: httpx.AsyncClient, folder: LocalStorage, key: str
) -> None:
    url = await folder.create_download_link(key, PAGE)
    assert (await http.get(within(url))).status_code == 404
