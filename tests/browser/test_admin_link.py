"""The page of `haat admin create`: for a new account, for an existing one, and after its end."""

import asyncio
from uuid import uuid4

from playwright.async_api import BrowserContext, expect

from demo.identity.accounts import CUSTOMER
from demo.identity.accounts import PASSWORD as DEMO_PASSWORD
from tests.browser.demo_servers import DemoServers, photograph
from tests.browser.test_verify_email import LOG_IN, PASSWORD, call


async def link(demo: DemoServers, email: str) -> str:
    return await asyncio.to_thread(demo.command, "admin", "create", email)


async def test_a_new_admin_chooses_name_and_password(
    window: BrowserContext, demo: DemoServers
) -> None:
    email = f"{uuid4().hex}@haat.example"
    address = await link(demo, email)
    page = await window.new_page()
    await page.goto(address)
    await expect(page.get_by_role("heading")).to_have_text("Become an admin")
    await expect(page.get_by_label("Email address")).to_have_text(email)
    await page.get_by_label("Name").fill("Asha")
    await page.get_by_label("New password").fill(PASSWORD)
    await photograph(page, "admin-new")
    await page.get_by_role("button").click()
    await expect(page.get_by_role("status")).to_contain_text("You are an admin now")
    assert "#" not in page.url
    assert await call(demo, LOG_IN, email=email, password=PASSWORD) == []

    await page.goto("about:blank")
    await page.goto(address)
    await expect(page.get_by_text("no longer valid")).to_be_visible()
    await expect(page.get_by_role("button")).to_be_hidden()


async def test_an_account_enters_its_password(window: BrowserContext, demo: DemoServers) -> None:
    page = await window.new_page()
    await page.goto(await link(demo, CUSTOMER.email))
    await expect(page.get_by_label("Name", exact=True)).to_be_hidden()
    await page.get_by_label("Password").fill("wrong")
    await page.get_by_role("button").click()
    await expect(page.get_by_role("alert")).to_contain_text("Incorrect")
    await photograph(page, "admin-account")
    await page.get_by_label("Password").fill(DEMO_PASSWORD)
    await page.get_by_role("button").click()
    await expect(page.get_by_role("status")).to_contain_text("You are an admin now")
    await asyncio.to_thread(demo.command, "admin", "remove", CUSTOMER.email)


async def test_the_link_of_another_page(window: BrowserContext, demo: DemoServers) -> None:
    address = await link(demo, f"{uuid4().hex}@haat.example")
    page = await window.new_page()
    await page.goto(address.replace("/auth/admin", "/auth/link"))
    await expect(page.get_by_text("no longer valid")).to_be_visible()
