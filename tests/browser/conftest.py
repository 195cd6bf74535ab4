"""A Chromium that may reach nothing but this machine, and in which nothing may go wrong."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import (
    Browser,
    BrowserContext,
    ViewportSize,
    async_playwright,
    expect,
)

from tests import servers
from tests.browser.demo_servers import RESULTS, DemoServers
from tests.running import Valkey

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_MS = 30_000
HERE = ("http://127.0.0.1:", "ws://127.0.0.1:", "http://localhost:", "data:")


@pytest.fixture(scope="session")
async def demo(
    tmp_path_factory: pytest.TempPathFactory, worker_id: str
) -> AsyncIterator[DemoServers]:
    if CHROMIUM is None:
        pytest.skip("there is no Chromium")
    folder = tmp_path_factory.mktemp("demo")
    name = f"haat_browser_{worker_id}"
    await servers.create_database(name, servers.TEMPLATE)
    with Valkey(folder / "valkey") as valkey:
        demo = DemoServers(folder, servers.url_of(name), valkey)
        await asyncio.to_thread(demo.open)
        yield demo
        await asyncio.to_thread(demo.close)


@pytest.fixture(scope="session")
async def browser(demo: DemoServers) -> AsyncIterator[Browser]:
    expect.set_options(timeout=PATIENCE_MS)
    RESULTS.mkdir(parents=True, exist_ok=True)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest.fixture
def forgiven() -> list[str]:
    """Collect the console errors that a test expects because it stops the server."""
    return []


@pytest.fixture
async def window(browser: Browser, forgiven: list[str]) -> AsyncIterator[BrowserContext]:
    async with open_window(browser, forgiven) as window:
        yield window


@pytest.fixture
async def other_window(browser: Browser, forgiven: list[str]) -> AsyncIterator[BrowserContext]:
    """Open a window for another user; it shares no state with `window`."""
    async with open_window(browser, forgiven) as window:
        yield window


@asynccontextmanager
async def open_window(
    browser: Browser, forgiven: list[str], timezone_id: str | None = None
) -> AsyncIterator[BrowserContext]:
    """Open a window in which nothing but what is forgiven may go wrong."""
    size: ViewportSize = {"width": 1280, "height": 900}
    context = await browser.new_context(viewport=size, timezone_id=timezone_id)
    wrong: list[str] = []
    context.on("weberror", lambda error: wrong.append(str(error.error)))
    context.on("console", lambda line: wrong.append(line.text) if line.type == "error" else None)
    await context.route(
        lambda url: not url.startswith(HERE),
        lambda route: wrong.append(route.request.url),
    )
    yield context
    await context.close()
    assert [line for line in wrong if not any(known in line for known in forgiven)] == []
