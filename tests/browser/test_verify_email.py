"""The link of a mail, opened in a browser that did not register."""

import asyncio
import re
import time
from uuid import uuid4

import httpx
from playwright.async_api import BrowserContext, expect

from tests.browser.demo_servers import DemoServers, photograph

REGISTER = "mutation ($input: RegisterInput!) { register(input: $input) { errors { code } } }"
LOG_IN = "mutation ($input: LogInInput!) { logIn(input: $input) { errors { code } } }"
LINK = r"http://127\.0\.0\.1:\d+/auth/link#[\w-]+"
PASSWORD = "kitchen-ladder-74-plum"


async def call(demo: DemoServers, query: str, **input: str) -> list[dict[str, str]]:
    """Send a mutation, and return its errors."""
    async with httpx.AsyncClient(base_url=demo.address) as http:
        body = {"query": query, "variables": {"input": input}}
        answer = (await http.post("/graphql", json=body)).json()
    (payload,) = answer["data"].values()
    errors: list[dict[str, str]] = payload["errors"]
    return errors


async def mailed_link(demo: DemoServers, email: str) -> str:
    """Wait for the mail to this address on the start page, and return its link.

    Mails of other tests are there as well.
    """
    link = re.compile(rf"to {re.escape(email)}.*?({LINK})", re.DOTALL)
    deadline = time.monotonic() + 30
    async with httpx.AsyncClient(base_url=demo.address) as http:
        while time.monotonic() < deadline:
            if found := link.search((await http.get("/")).text):
                return found[1]
            await asyncio.sleep(0.2)
    raise AssertionError("no mail was sent")


async def test_link_creates_the_account(window: BrowserContext, demo: DemoServers) -> None:
    email = f"{uuid4().hex}@haat.example"
    first = {"email": email, "password": "of-another-person-91", "name": "Asha"}
    assert await call(demo, REGISTER, **first) == []
    link = await mailed_link(demo, email)

    page = await window.new_page()
    await page.goto(link)
    await expect(page.get_by_role("heading")).to_have_text("Confirm your email address")
    await photograph(page, "link")
    password = page.get_by_label("New password")
    await password.fill("password")
    await page.get_by_role("button").click()
    await expect(page.get_by_role("alert")).to_contain_text("one of the most common passwords")
    await photograph(page, "link-weak")

    await password.fill(PASSWORD)
    await page.get_by_role("button").click()
    await expect(page.get_by_role("status")).to_contain_text("You can now sign in")
    await expect(password).to_be_hidden()
    assert "#" not in page.url
    await photograph(page, "link-done")
    assert await call(demo, LOG_IN, email=email, password=PASSWORD) == []
    assert [
        one["code"]
        for one in await call(demo, LOG_IN, email=email, password="of-another-person-91")
    ] == ["WRONG_CREDENTIALS"]

    await page.goto("about:blank")
    await page.goto(link)
    await expect(page.get_by_text("no longer valid")).to_be_visible()
    await expect(password).to_be_hidden()


async def test_link_without_its_token(window: BrowserContext, demo: DemoServers) -> None:
    page = await window.new_page()
    await page.goto(f"{demo.address}/auth/link")
    await expect(page.get_by_text("This link is incomplete.")).to_be_visible()
    await expect(page.get_by_label("New password")).to_be_hidden()
