"""The documented configurations of nginx and Caddy, with sockets, event streams and uploads.

The tests replace names, ports and certificates, and are skipped without the program.
"""

import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from core.settings import HOME, Settings
from tests import servers
from tests.factories.files import photograph
from tests.processes import free_port
from tests.resolvers.uploads.uploader import Uploader
from tests.running import Server, serving
from tests.subscriptions.conftest import Shop

EXAMPLES = HOME / "docs/proxies"
BODY_LIMIT = 256 * 1024
AT_ONCE_SECONDS = 2.0  # a buffered stream shows nothing for much longer
CERTIFICATE = ("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=api.haat.example")


def nginx(folder: Path, port: int, upstream: int) -> list[str]:
    """Write the example for a port without TLS, and return the command that runs it."""
    text = (EXAMPLES / "nginx.conf").read_text()
    text = text.replace("listen 443 ssl;", f"listen 127.0.0.1:{port};")
    text = text.replace("listen 80;", f"listen 127.0.0.1:{free_port()};")
    text = text.replace("127.0.0.1:8000", f"127.0.0.1:{upstream}")
    lines = [line for line in text.splitlines() if not line.strip().startswith("ssl_cert")]
    return _nginx(folder, "\n".join(lines))


def _nginx(folder: Path, included: str) -> list[str]:
    temporary = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    paths = "".join(f"{one}_temp_path {folder}/{one};" for one in temporary)
    (folder / "haat.conf").write_text(included.replace("/var/log/nginx", str(folder)))
    (folder / "nginx.conf").write_text(
        f"pid {folder}/pid; error_log {folder}/error.log; daemon off; events {{}}"
        f"http {{ {paths} include {folder}/haat.conf; }}"
    )
    return ["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")]


def caddy(folder: Path, port: int, upstream: int) -> list[str]:
    text = (EXAMPLES / "Caddyfile").read_text()
    text = text.replace("api.haat.example {", f"http://127.0.0.1:{port} {{")
    text = text.replace("127.0.0.1:8000", f"127.0.0.1:{upstream}")
    text = text.replace("grace_period 10s", "grace_period 1s\n\tadmin off\n\tauto_https off")
    (folder / "Caddyfile").write_text(text)
    file = str(folder / "Caddyfile")
    return ["caddy", "run", "--adapter", "caddyfile", "--config", file]


def ensure_installed(program: str) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")


@contextmanager
def proxying(command: list[str], url: str) -> Iterator[None]:
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 20
        while True:
            try:
                httpx.get(f"{url}/health", timeout=5).raise_for_status()
                break
            except httpx.HTTPError:
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture(params=[nginx, caddy], ids=["nginx", "caddy"])
def proxied(
    request: pytest.FixtureRequest,
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Server]:
    """Run a server behind a proxy, and return it with the proxy's port."""
    example: Callable[[Path, int, int], list[str]] = request.param
    ensure_installed(request.node.callspec.id)
    port, upstream = free_port(), free_port()
    url = f"http://127.0.0.1:{port}"
    monkeypatch.setenv("PUBLIC_URL", url)
    log = tmp_path / "log"
    with (
        serving(settings, servers.new_redis_url(), log, port=upstream) as server,
        proxying(example(tmp_path, port, upstream), url),
    ):
        yield Server(server.process, port, log)


async def test_the_example_serves_sockets_streams_and_uploads(proxied: Server, shop: Shop) -> None:
    there = shop.at(proxied)
    for transport in ("ws", "sse"):
        subscriber = await there.subscribe_vendor(transport=transport)
        await subscriber.connected()
        assert await there.lag(subscriber) < AT_ONCE_SECONDS
    file = photograph() + bytes(2 * BODY_LIMIT)
    uploader = Uploader(there.api).of(shop.customer)
    announced = await uploader.announce(file, fileName="photo.jpg", contentType="image/jpeg")
    assert announced["url"].startswith(proxied.url)
    assert (await uploader.send(announced, file)).status_code == 200
    async with httpx.AsyncClient(base_url=proxied.url, timeout=20) as http:
        too_large = await http.post("/graphql", content=bytes(BODY_LIMIT + 1000))
        assert too_large.status_code == 413
        answer = await http.post("/graphql", json={"query": "{ __typename }"})
    assert answer.json()["data"] == {"__typename": "Query"}
    assert answer.headers["x-request-id"]


def test_nginx_accepts_the_example_as_it_is(tmp_path: Path) -> None:
    ensure_installed("nginx")
    ensure_installed("openssl")
    key, certificate = tmp_path / "privkey.pem", tmp_path / "fullchain.pem"
    call = ["openssl", *CERTIFICATE, "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(call, check=True, capture_output=True)
    text = (EXAMPLES / "nginx.conf").read_text().replace("/etc/ssl/haat", str(tmp_path))
    ran = subprocess.run(
        [*_nginx(tmp_path, text), "-t"], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert "[warn]" not in ran.stderr


def test_caddy_accepts_the_example_as_it_is() -> None:
    ensure_installed("caddy")
    call = ["caddy", "validate", "--adapter", "caddyfile"]
    ran = subprocess.run(
        [*call, "--config", str(EXAMPLES / "Caddyfile")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
