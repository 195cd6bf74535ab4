"""Two users on the live page see each other's changes, also across outages."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from playwright.async_api import BrowserContext, Locator, Page, expect

from demo.identity.accounts import CUSTOMER, PASSWORD
from tests.browser.demo_servers import DemoServers, photograph

CAFE = "Two Tumblers Coffee Room"
SOON_MS = 3_000
LOG_IN = """
mutation ($email: String!, $password: String!) {
  logIn(input: { email: $email, password: $password }) { session { accessToken } }
}
"""
OFFERS = """
query ($name: String!) {
  vendors(search: $name, first: 1) {
    nodes { offers(first: 20) { id currentTerms { version } } }
  }
}
"""
CLAIM = """
mutation ($offer: ID!, $key: String!) {
  claimOffer(input: { offerId: $offer, idempotencyKey: $key }) { voucher { id } }
}
"""

pytestmark = pytest.mark.timeout(300)


async def test_live_page(
    window: BrowserContext, other_window: BrowserContext, demo: DemoServers
) -> None:
    await claim(demo)
    customer = await open_page(window, demo, "Customer")
    owner = await open_page(other_window, demo, "Owner")

    await deliver_and_read(customer, owner)
    await expect_typing(customer, owner)
    await redeem(customer, owner)
    await expect_no_typing(customer, owner)

    await asyncio.to_thread(demo.valkey.stop)
    await send_and_read(owner, customer, "We have kept the corner table for you.")
    await redeem(customer, owner)

    await asyncio.to_thread(demo.valkey.start)
    await expect_typing(owner, customer)
    await send_and_read(owner, customer, "And water for the dog.")
    await expect(customer.locator("#typing")).to_be_empty()
    await send_and_read(customer, owner, "Then we shall be there at eleven.")
    await redeem(customer, owner)
    await expect(owner.locator("#there")).to_have_text("Online")
    await photograph(owner, "live")
    await photograph(customer, "live-customer")


async def test_live_page_while_the_server_is_away(
    window: BrowserContext, other_window: BrowserContext, demo: DemoServers, forgiven: list[str]
) -> None:
    customer = await open_page(window, demo, "Customer")
    owner = await open_page(other_window, demo, "Owner")
    before = await unread(owner)
    await customer.get_by_role("button", name="Write to the café").click()
    await send(customer, "Is there a table outside on Sunday?")
    await expect(owner.locator("#unread")).to_have_text(str(before + 1))
    await open_unread(owner)

    forgiven += ["ERR_CONNECTION_REFUSED", "WebSocket connection to"]
    await asyncio.to_thread(demo.stop_server)
    for page in (customer, owner):
        await expect(page.locator("#connection")).to_have_text("Reconnecting …")
    await send(customer, "For four of us.")
    await expect(receipt(customer, "For four of us.")).to_have_text("not sent yet")

    await asyncio.to_thread(demo.start_server)
    for page in (customer, owner):
        await expect(page.locator("#connection")).to_have_text("Live")
    await expect(bubble(owner, "For four of us.")).to_have_count(1)
    await expect(receipt(customer, "For four of us.")).to_have_text("✓✓read")
    await send_and_read(owner, customer, "There is, from ten on.")


async def open_page(window: BrowserContext, demo: DemoServers, name: str) -> Page:
    """Open a user's page with a fixed clock, so that the last hour doesn't move."""
    page = await window.new_page()
    await page.clock.set_fixed_time(datetime.now(UTC) + timedelta(minutes=5))
    await page.goto(f"{demo.address}/live")
    await page.get_by_role("link", name=name, exact=True).click()
    await expect(page.locator("#connection")).to_have_text("Live")
    return page


async def deliver_and_read(customer: Page, owner: Page) -> None:
    """Deliver a message to the owner's device, and have the owner read it."""
    before = await unread(owner)
    card = customer.locator("#vouchers li", has_text=CAFE).first
    await card.get_by_role("button", name="Ask").click()
    await send(customer, "Good morning! Is there a table outside?")
    question = receipt(customer, "Is there a table outside?")
    await expect(question).to_have_text("✓✓delivered")
    await expect(owner.locator("#unread")).to_have_text(str(before + 1))
    await open_unread(owner)
    await expect(bubble(owner, "Is there a table outside?")).to_be_visible()
    await expect(question).to_have_text("✓✓read")
    await expect(owner.locator("#unread")).to_have_text(str(before))
    await expect(owner.locator("#there")).to_have_text("Online")
    await send_and_read(owner, customer, "Good morning. For how many?")


async def send_and_read(speaker: Page, listener: Page, text: str) -> None:
    await send(speaker, text)
    await expect(bubble(listener, text)).to_have_count(1)
    await expect(receipt(speaker, text)).to_have_text("✓✓read")


async def expect_typing(typist: Page, watcher: Page) -> None:
    """Right after a restart it may take more than one try."""
    box, line = typist.get_by_label("Message"), watcher.locator("#typing")
    for _ in range(10):
        await box.press_sequentially("W")
        with suppress(AssertionError):
            await expect(line).to_contain_text("is typing", timeout=SOON_MS)
            break
        await box.clear()
    await expect(line).to_contain_text("is typing")


async def expect_no_typing(typist: Page, watcher: Page) -> None:
    """Check that unsent text left in the input is not shown as typing."""
    await expect(watcher.locator("#typing")).to_be_empty()
    await expect(typist.get_by_label("Message")).to_have_value("W")


async def claim(demo: DemoServers) -> None:
    """Claim vouchers of the café: other tests redeem those of the demo data.

    Those of offers with rules are left out: at some hours, or without a bill, they are refused.
    """
    async with httpx.AsyncClient(base_url=demo.address) as http:

        async def ask(query: str, **variables: str) -> Any:
            response = await http.post("/graphql", json={"query": query, "variables": variables})
            return response.json()["data"]

        account = {"email": CUSTOMER.email, "password": PASSWORD}
        session = (await ask(LOG_IN, **account))["logIn"]["session"]
        http.headers["Authorization"] = f"Bearer {session['accessToken']}"
        (cafe,) = (await ask(OFFERS, name=CAFE))["vendors"]["nodes"]
        claimed = [
            (await ask(CLAIM, offer=offer["id"], key=uuid4().hex))["claimOffer"]["voucher"]
            for offer in cafe["offers"]
            if offer["currentTerms"] is None
        ]
        assert any(claimed), "each offer of the café was claimed by the customer before"


async def redeem(customer: Page, owner: Page) -> None:
    """Redeem a voucher of the café, and check the count, the chart and the customer's page."""
    counter = owner.locator("#counters [data-outcome=APPROVED] dd")
    await expect(owner.locator("#attempts li")).not_to_have_count(0)
    before, drawn = int(await counter.inner_text()), await approved_in_chart(owner)

    card = customer.locator("#vouchers li[data-state=CLAIMED]", has_text=CAFE).first
    await card.get_by_role("button", name="Show").click()
    await expect(customer.locator("#fate")).to_have_text("Show it at the counter.")
    await owner.get_by_label("Voucher code").fill(
        await customer.locator("#shown-code").inner_text()
    )
    await owner.get_by_role("button", name="Redeem").click()
    await expect(owner.locator("#redeemed")).to_contain_text("Approved")

    await expect(counter).to_have_text(str(before + 1))
    assert await approved_in_chart(owner) == drawn + 1
    await expect(customer.locator("#fate")).to_have_text("Redeemed")
    await customer.get_by_role("button", name="Close").click()


async def approved_in_chart(page: Page) -> int:
    """How many the heights of the bars stand for."""
    share: float = await page.eval_on_selector_all(
        "#chart .approved", "bars => bars.reduce((sum, bar) => sum + bar.height.baseVal.value, 0)"
    )
    return round(share / 100 * int(await page.inner_text("#most")))


async def unread(page: Page) -> int:
    """Return the unread count that the page shows."""
    return int(await page.locator("#unread").text_content() or 0)


async def open_unread(page: Page) -> None:
    """Open the latest conversation with unread messages."""
    await page.locator("#conversations button", has=page.locator(".count")).first.click()


async def send(page: Page, text: str) -> None:
    await page.get_by_label("Message").fill(text)
    await page.get_by_role("button", name="Send").click()


def bubble(page: Page, text: str) -> Locator:
    return page.locator("#messages li", has_text=text)


def receipt(page: Page, text: str) -> Locator:
    return bubble(page, text).locator("[data-receipt]")
