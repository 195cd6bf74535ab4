"""What a newcomer does in the first minute, in a real browser on the demo town."""

import asyncio
import json
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from core.settings import HOME
from tests import servers
from tests.processes import done, free_port, running, wait_until_ready

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
VARIABLES = 'section[aria-label="Variables"] .graphiql-editor:not(.hidden) .CodeMirror'
RESULT = ".result-window .CodeMirror"
RUN = ".graphiql-execute-button"

pytestmark = [
    pytest.mark.xdist_group("browser"),
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium"),
]


@pytest.fixture(scope="module")
async def address(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> AsyncIterator[str]:
    """A server and a worker on the demo town, as `make run` starts them."""
    folder = tmp_path_factory.mktemp("demo")
    name = f"haat_browser_{worker_id}"
    await servers.create_database(name, servers.TEMPLATE)
    port = free_port()
    environment = {
        "DATABASE_URL": servers.url_of(name),
        "REDIS_URL": servers.redis_url(),
        "KEYS_FILE": str(folder / "keys.json"),
        "OUTBOX": str(folder / "outbox"),
        "OBJECTS_FOLDER": str(folder / "objects"),
        "PORT": str(port),
    }
    await asyncio.to_thread(done, "seed", **environment)
    with running("serve", **environment), running("worker", **environment):
        wait_until_ready(f"http://127.0.0.1:{port}")
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest.fixture
async def window(browser: Browser) -> AsyncIterator[BrowserContext]:
    """A browser that may reach nothing but this machine, and in which nothing may go wrong."""
    context = await browser.new_context(viewport={"width": 1280, "height": 900})
    wrong: list[str] = []
    context.on("weberror", lambda error: wrong.append(str(error.error)))
    context.on("console", lambda line: wrong.append(line.text) if line.type == "error" else None)
    await context.route(
        lambda url: "//127.0.0.1:" not in url and not url.startswith("data:"),
        lambda route: wrong.append(route.request.url),
    )
    yield context
    await context.close()
    assert wrong == []


async def test_claim_redeem_live(window: BrowserContext, address: str) -> None:
    home = await window.new_page()
    await home.goto(address)
    watch = await opened(window, home, "Open as the owner")
    await watch.click(RUN)
    await watch.get_by_label("Stop query").wait_for()

    claim = await opened(window, home, "Open as the customer")
    await claim.click(RUN)
    voucher = (await result(claim, "claimOffer"))["voucher"]
    assert voucher["state"] == "CLAIMED"

    redeem = await opened(window, home, "Redeem as the owner")
    await redeem.wait_for_selector(VARIABLES)
    given = json.loads(await redeem.eval_on_selector(VARIABLES, "el => el.CodeMirror.getValue()"))
    given["input"]["code"] = voucher["code"].lower()
    await redeem.eval_on_selector(
        VARIABLES, "(el, text) => el.CodeMirror.setValue(text)", json.dumps(given)
    )
    await redeem.click(RUN)
    redeemed = await result(redeem, "redeemVoucher")
    assert redeemed["outcome"] == "APPROVED"

    live = (await result(watch, "vendorRedemptions"))["redemption"]
    assert live["id"] == redeemed["redemption"]["id"]
    assert live["voucher"]["state"] == "REDEEMED"
    await photograph(watch, "watch")

    await home.wait_for_timeout(2500)
    await home.reload()
    assert voucher["code"] in await home.inner_text("main")
    await photograph(home, "home")


async def test_failed_sign_in_is_said(window: BrowserContext, address: str) -> None:
    page = await window.new_page()
    await page.goto(f"{address}/graphql?as=stranger@haat.example")
    await page.wait_for_selector(RUN)
    assert await page.locator('[data-account=""]').get_attribute("aria-pressed") == "true"


async def opened(window: BrowserContext, home: Page, link: str) -> Page:
    async with window.expect_page() as found:
        await home.get_by_role("link", name=link, exact=True).click()
    page = await found.value
    await page.wait_for_selector(RUN)
    return page


async def result(page: Page, field: str) -> dict[str, Any]:
    """The data of a field once it is shown."""
    await page.wait_for_function(
        "([selector, field]) => document.querySelector(selector)?.CodeMirror.getValue()"
        ".includes(field)",
        arg=[RESULT, f'"{field}"'],
    )
    shown = json.loads(await page.eval_on_selector(RESULT, "el => el.CodeMirror.getValue()"))
    found: dict[str, Any] = shown["data"][field]
    return found


async def photograph(page: Page, name: str) -> None:
    folder = Path(os.environ.get("TEST_RESULTS", HOME / "test-results"))
    await page.screenshot(path=folder / f"{name}.png")
