"""A passkey of a real browser: added and used with Chromium's virtual authenticator."""

import json
from typing import Any

from playwright.async_api import BrowserContext, Page

from demo.identity.accounts import CUSTOMER, PASSWORD
from tests.browser.demo_servers import DemoServers

SESSION = "session { accessToken } errors { code }"
LOG_IN = f"mutation ($input: LogInInput!) {{ logIn(input: $input) {{ {SESSION} }} }}"
START = (
    "mutation ($input: StartPasskeyInput!)"
    " { startPasskey(input: $input) { challengeId options errors { code } } }"
)
REGISTER = (
    "mutation ($input: RegisterPasskeyInput!)"
    " { registerPasskey(input: $input) { passkey { id } errors { code } } }"
)
LOG_IN_WITH = (
    "mutation ($input: LogInWithPasskeyInput!)"
    f" {{ logInWithPasskey(input: $input) {{ {SESSION} }} }}"
)
PROVE = (
    "mutation ($input: ReauthenticateInput!) { reauthenticate(input: $input) { errors { code } } }"
)
REMOVE = (
    "mutation ($input: RemovePasskeyInput!) { removePasskey(input: $input) { errors { code } } }"
)
POST = """
async ([query, input, token]) => {
  const headers = { "content-type": "application/json" };
  if (token) headers.authorization = `Bearer ${token}`;
  const body = JSON.stringify({ query, variables: { input } });
  const response = await fetch("/graphql", { method: "POST", headers, body });
  const { data, errors } = await response.json();
  if (!data) throw new Error(JSON.stringify(errors));
  return Object.values(data)[0];
}
"""
CREATE = """
async (options) => {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(JSON.parse(options));
  return JSON.stringify((await navigator.credentials.create({ publicKey })).toJSON());
}
"""
GET = """
async (options) => {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(JSON.parse(options));
  return JSON.stringify((await navigator.credentials.get({ publicKey })).toJSON());
}
"""


async def call(page: Page, query: str, input: dict[str, Any], token: str = "") -> dict[str, Any]:
    """Send a mutation from the page, which must not be refused."""
    payload: dict[str, Any] = await page.evaluate(POST, [query, input, token])
    assert payload["errors"] == []
    return payload


async def add_authenticator(window: BrowserContext, page: Page) -> None:
    devtools = await window.new_cdp_session(page)
    await devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    await devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


async def test_a_passkey_is_added_and_signs_in(window: BrowserContext, demo: DemoServers) -> None:
    page = await window.new_page()
    # No passkey works at an IP address.
    await page.goto(demo.address.replace("127.0.0.1", "localhost") + "/auth/link")
    await add_authenticator(window, page)
    account = {"email": CUSTOMER.email, "password": PASSWORD}
    token = (await call(page, LOG_IN, account))["session"]["accessToken"]

    start = await call(page, START, {"purpose": "REGISTER_PASSKEY"}, token)
    assert json.loads(start["options"])["rp"]["id"] == "localhost"
    new = {
        "challengeId": start["challengeId"],
        "credential": await page.evaluate(CREATE, start["options"]),
        "name": "Browser",
    }
    passkey = (await call(page, REGISTER, new, token))["passkey"]

    for _ in range(2):  # its counter rises
        start = await call(page, START, {"purpose": "LOG_IN"})
        credential = await page.evaluate(GET, start["options"])
        proof = {"challengeId": start["challengeId"], "credential": credential}
        opened = (await call(page, LOG_IN_WITH, proof))["session"]
    # A change of factors needs the factor again after the sign-in.
    start = await call(page, START, {"purpose": "STEP_UP"}, opened["accessToken"])
    credential = await page.evaluate(GET, start["options"])
    proof = {"challengeId": start["challengeId"], "credential": credential}
    await call(page, PROVE, {"passkey": proof}, opened["accessToken"])
    await call(page, REMOVE, {"passkeyId": passkey["id"]}, opened["accessToken"])
