"""The page of an invitation: accepted with the password, declined, and without an account."""

import asyncio
import re
import time
from typing import Any
from uuid import uuid4

import httpx
from playwright.async_api import BrowserContext, expect

from demo.identity.accounts import CUSTOMER, OWNER
from demo.identity.accounts import PASSWORD as DEMO_PASSWORD
from tests.browser.demo_servers import DemoServers, photograph

LINK = re.compile(r"http://127\.0\.0\.1:\d+/auth/invitation#[\w-]+")
LOG_IN = "mutation ($input: LogInInput!) { logIn(input: $input) { session { accessToken } } }"
VENDORS = "{ viewer { vendors { id name viewerRole } } }"
INVITE = "mutation ($input: InviteMemberInput!) { inviteMember(input: $input) { errors { code } } }"


async def ask(demo: DemoServers, query: str, token: str = "", **variables: Any) -> dict[str, Any]:
    headers = {"authorization": f"Bearer {token}"} if token else {}
    async with httpx.AsyncClient(base_url=demo.address, headers=headers) as http:
        answer = await http.post("/graphql", json={"query": query, "variables": variables})
    data: dict[str, Any] = answer.json()["data"]
    return data


async def sign_in(demo: DemoServers, email: str) -> str:
    given = {"email": email, "password": DEMO_PASSWORD}
    session = (await ask(demo, LOG_IN, input=given))["logIn"]["session"]
    return str(session["accessToken"])


async def invited(demo: DemoServers, email: str, seen: set[str]) -> str:
    """Invite an address to the demo owner's vendor, and return the link of the mail."""
    token = await sign_in(demo, OWNER.email)
    vendor = (await ask(demo, VENDORS, token))["viewer"]["vendors"][0]
    given = {"vendorId": vendor["id"], "email": email, "role": "SCANNER"}
    assert (await ask(demo, INVITE, token, input=given))["inviteMember"]["errors"] == []
    deadline = time.monotonic() + 30
    async with httpx.AsyncClient(base_url=demo.address) as http:
        while time.monotonic() < deadline:
            found = set(LINK.findall((await http.get("/")).text)) - seen
            if found:
                seen |= found
                return str(found.pop())
            await asyncio.sleep(0.2)
    raise AssertionError("no mail was sent")


async def test_an_invitation_is_declined_or_accepted(
    window: BrowserContext, demo: DemoServers
) -> None:
    seen: set[str] = set()
    page = await window.new_page()
    await page.goto(await invited(demo, f"{uuid4().hex}@haat.example", seen))
    await expect(page.get_by_text("has no account yet")).to_be_visible()
    await expect(page.get_by_label("Password")).to_be_hidden()
    await photograph(page, "invitation-stranger")
    await page.get_by_role("button", name="Decline").click()
    await expect(page.get_by_role("status")).to_contain_text("declined")

    await page.goto("about:blank")
    await page.goto(await invited(demo, CUSTOMER.email, seen))
    await expect(page.get_by_label("Email address")).to_have_text(CUSTOMER.email)
    await expect(page.get_by_label("code")).to_be_hidden()
    await page.get_by_label("Password").fill("wrong")
    await page.get_by_role("button", name="Accept").click()
    await expect(page.get_by_role("alert")).to_contain_text("Incorrect")
    await photograph(page, "invitation")
    await page.get_by_label("Password").fill(DEMO_PASSWORD)
    await page.get_by_role("button", name="Accept").click()
    await expect(page.get_by_role("status")).to_contain_text("You are a member now")
    assert "#" not in page.url
    token = await sign_in(demo, CUSTOMER.email)
    (vendor,) = (await ask(demo, VENDORS, token))["viewer"]["vendors"]
    assert vendor["viewerRole"] == "SCANNER"
    leave = (
        "mutation ($input: LeaveVendorInput!) { leaveVendor(input: $input) { errors { code } } }"
    )
    left = await ask(demo, leave, token, input={"vendorId": vendor["id"]})
    assert left["leaveVendor"]["errors"] == []
