"""From a registration to a vendor with a member, in browser mode: no script sees a token."""

import asyncio
import re
import time
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import pyotp
from playwright.async_api import BrowserContext, Page, expect

from demo.identity.accounts import ADMIN, CUSTOMER
from demo.identity.accounts import PASSWORD as DEMO_PASSWORD
from tests.browser.demo_servers import DemoServers, photograph
from tests.browser.test_passkey import CREATE, GET, add_authenticator
from tests.browser.test_verify_email import PASSWORD
from tests.factories.applications import GSTIN

LINK = re.compile(r"http://127\.0\.0\.1:\d+/auth/(?:link|invitation)#[\w-]+")
POST = """
async ([query, variables, token]) => {
  const headers = { "content-type": "application/json", "haat-session": "cookie" };
  if (token) headers["haat-csrf"] = token;
  const body = JSON.stringify({ query, variables });
  const response = await fetch("/graphql", { method: "POST", headers, body });
  const { data, errors } = await response.json();
  if (!data) throw new Error(JSON.stringify(errors));
  return data;
}
"""
UPLOAD = """
async ([url, headers, text]) => {
  const { pathname, search } = new URL(url); // of the same server, under the name of the page
  const response = await fetch(pathname + search, { method: "PUT", headers, body: text });
  if (!response.ok) throw new Error(await response.text());
}
"""
DOCUMENT = "Licence of a café in Bengaluru, given on 1 April 2026."


@dataclass
class BrowserUser:
    """A page of this origin whose cookie signs a user in."""

    page: Page

    async def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        data: dict[str, Any] = await self.page.evaluate(POST, [query, variables, None])
        return data

    async def do(self, mutation: str, fields: str = "", **given: Any) -> dict[str, Any]:
        """Send a mutation, with the token of the cookie if there is one."""
        viewer = (await self.ask("{ viewer { csrfToken } }"))["viewer"]
        kind = mutation[0].upper() + mutation[1:] + "Input"
        call = f"{mutation}(input: $input)" if given else mutation
        declared = f"($input: {kind}!)" if given else ""
        query = f"mutation {declared} {{ {call} {{ {fields} errors {{ code message }} }} }}"
        variables = {"input": given} if given else {}
        token = viewer["csrfToken"] if viewer else None
        payload = (await self.page.evaluate(POST, [query, variables, token]))[mutation]
        assert payload["errors"] == []
        return dict(payload)


async def opened(window: BrowserContext, demo: DemoServers) -> BrowserUser:
    page = await window.new_page()
    # No passkey works at an IP address.
    await page.goto(demo.address.replace("127.0.0.1", "localhost") + "/auth/link")
    return BrowserUser(page)


async def links(demo: DemoServers) -> set[str]:
    """Return the links of the mails on the start page."""
    async with httpx.AsyncClient(base_url=demo.address) as http:
        return set(LINK.findall((await http.get("/")).text))


async def mailed(demo: DemoServers, seen: set[str]) -> str:
    """Wait for a mail with a new link, and return the link."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        found = await links(demo) - seen
        if found:
            seen |= found
            return str(found.pop())
        await asyncio.sleep(0.2)
    raise AssertionError("no mail was sent")


async def set_up_factors(user: BrowserUser) -> None:
    """Turn on codes of an app, then add a passkey, for which a code is a fresh proof."""
    app = pyotp.TOTP((await user.do("enableTotp", "secret"))["secret"])
    now = time.time()
    codes = await user.do("confirmTotp", "recoveryCodes", code=app.at(now))
    assert len(codes["recoveryCodes"]) == 10
    await user.do("reauthenticate", totp=app.at(now + 30))
    start = await user.do("startPasskey", "challengeId options", purpose="REGISTER_PASSKEY")
    credential = await user.page.evaluate(CREATE, start["options"])
    new = {"challengeId": start["challengeId"], "credential": credential, "name": "Laptop"}
    await user.do("registerPasskey", "passkey { id }", **new)


async def sign_in_with_passkey(user: BrowserUser) -> None:
    await user.do("logOut", refreshToken=None)
    assert (await user.ask("{ viewer { id } }"))["viewer"] is None
    start = await user.do("startPasskey", "challengeId options", purpose="LOG_IN")
    credential = await user.page.evaluate(GET, start["options"])
    proof = {"challengeId": start["challengeId"], "credential": credential}
    session = (await user.do("logInWithPasskey", "session { accessToken }", **proof))["session"]
    assert session is None, "the cookie is the session"


async def apply(user: BrowserUser) -> str:
    """Apply as a vendor with a document, and return the vendor's name."""
    file = {"fileName": "licence.txt", "contentType": "text/plain", "purpose": "DOCUMENT"}
    created = await user.do(
        "createUpload",
        "upload { id } url headers { name value }",
        **file,
        size=len(DOCUMENT.encode()),
    )
    headers = {one["name"]: one["value"] for one in created["headers"]}
    await user.page.evaluate(UPLOAD, [created["url"], headers, DOCUMENT])
    await user.do("finishUpload", "upload { state }", uploadId=created["upload"]["id"])
    category = (await user.ask("{ categories { id } }"))["categories"][0]["id"]
    name = f"Café {uuid4().hex[:8]}"
    address = {
        "streetLines": ["12 MG Road"],
        "city": "Bengaluru",
        "subdivision": "Karnataka",
        "postalCode": "560001",
    }
    await user.do(
        "applyAsVendor",
        "application { id }",
        name=name,
        categoryId=category,
        country="IN",
        address=address,
        latitude=12.97,
        longitude=77.59,
        timeZone="Asia/Kolkata",
        currency="INR",
        taxId=GSTIN,
        documentUploadIds=[created["upload"]["id"]],
        idempotencyKey=name,
    )
    return name


async def approve(admin: BrowserUser, name: str) -> str:
    """Approve the application as an admin, and return the vendor's id."""
    await admin.do("logIn", email=ADMIN.email, password=DEMO_PASSWORD)
    await admin.do("switchRole", admin=True)
    query = (
        "{ vendorApplications(where: {state: SUBMITTED}, first: 20)"
        " { nodes { id revision vendor { id name } } } }"
    )
    waiting = (await admin.ask(query))["vendorApplications"]["nodes"]
    (found,) = [one for one in waiting if one["vendor"]["name"] == name]
    await admin.do(
        "approveVendor",
        "application { state }",
        applicationId=found["id"],
        revision=found["revision"],
    )
    return str(found["vendor"]["id"])


async def test_from_registration_to_a_member(
    window: BrowserContext, other_window: BrowserContext, demo: DemoServers
) -> None:
    seen = await links(demo)
    user, email = await opened(window, demo), f"{uuid4().hex}@haat.example"
    await user.do("register", email=email, password=PASSWORD, name="Asha Rao")
    confirm = await window.new_page()
    await confirm.goto(await mailed(demo, seen))
    await confirm.get_by_label("New password").fill(PASSWORD)
    await confirm.get_by_role("button").click()
    await expect(confirm.get_by_role("status")).to_contain_text("You can now sign in")
    await confirm.close()  # a page without the focus cannot use a passkey

    await add_authenticator(window, user.page)
    await user.do("logIn", email=email, password=PASSWORD)
    assert await user.page.evaluate("document.cookie") == ""
    await set_up_factors(user)
    await sign_in_with_passkey(user)
    name = await apply(user)
    vendor_id = await approve(await opened(other_window, demo), name)

    await user.do("switchRole", vendorId=vendor_id)
    role = (await user.ask("{ viewer { activeRole { vendor { name } } } }"))["viewer"]
    assert role["activeRole"]["vendor"]["name"] == name
    await user.do("inviteMember", vendorId=vendor_id, email=CUSTOMER.email, role="SCANNER")
    invitation = await other_window.new_page()
    await invitation.goto(await mailed(demo, seen))
    await invitation.get_by_label("Password").fill(DEMO_PASSWORD)
    await invitation.get_by_role("button", name="Accept").click()
    await expect(invitation.get_by_role("status")).to_contain_text("You are a member now")
    await photograph(invitation, "walk-member")
    query = "query ($id: ID!) { vendor(id: $id) { members { nodes { id role user { name } } } } }"
    members = (await user.ask(query, id=vendor_id))["vendor"]["members"]["nodes"]
    roles = {one["user"]["name"]: one["role"] for one in members}
    assert roles == {"Asha Rao": "OWNER", CUSTOMER.name: "SCANNER"}
    await user.do("removeMember", memberId=members[1]["id"])  # other tests expect the demo data
