"""Tickets with seats from the organiser to the gate, also without a network, in a browser."""

import json
import re
from collections.abc import AsyncIterator, Sequence
from typing import Any

import httpx
import pypdfium2
import pytest
import zxingcpp
from playwright.async_api import BrowserContext, Page, Route, expect

from core.settings import HOME
from tests.browser.box_office import ApiUser, SeatedShow, key
from tests.browser.demo_servers import RESULTS, DemoServers, photograph

PDF = "query ($ids: [ID!]!) { ticketsPdf(ticketIds: $ids) { url } }"
# Chromium has no BarcodeDetector on Linux. This one sees what the test holds before the camera.
CAMERA = """
window.held = null;
window.BarcodeDetector = class {
  static async getSupportedFormats() { return ["qr_code"]; }
  async detect() { return window.held ? [{ rawValue: window.held }] : []; }
};
navigator.mediaDevices.getUserMedia = async () => {
  const canvas = document.createElement("canvas");
  canvas.getContext("2d").fillRect(0, 0, 300, 150);
  return canvas.captureStream();
};
"""
DECIDE = """
async ({ scannerPrivateKey, bundle, ticketKey, claims, presented }) => {
  const { openBundle, readRecords, readTicket } = await import("/static/scan/bundle.js");
  const { decide } = await import("/static/scan/decide.js");
  const [kind, use] = [{ name: "X25519" }, ["deriveBits"]];
  const key = await crypto.subtle.importKey("jwk", scannerPrivateKey, kind, false, use);
  const now = 1_000 * (claims.exp - 60);
  Date.now = () => now;
  const door = await openBundle(bundle, key, claims.aud, [ticketKey]);
  const tickets = new Map([...readRecords(door.tickets)].map((one) => [one.short, one]));
  const reasons = [];
  for (const { token } of presented) {
    const shown = await readTicket(token, door.keys);
    const known = tickets.get(shown.short);
    const found = shown.reason ? shown : decide(door, shown, known, { leaves: false, now });
    if (found.after) tickets.set(shown.short, found.after);
    reasons.push(found.reason);
  }
  return reasons;
}
"""

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
async def http(demo: DemoServers) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=demo.address, timeout=60) as client:
        yield client


async def test_from_the_race_for_a_seat_to_the_gate(
    window: BrowserContext, demo: DemoServers, http: httpx.AsyncClient, forgiven: list[str]
) -> None:
    show = await SeatedShow.open(http)
    winner, loser, hold = await show.race(0, 1, 2)
    tickets = given, kept, unheard = await show.buy(winner, hold)
    on_paper = read_codes(await pdf_of(winner, tickets))
    assert [claims(one) for one in on_paper] == [claims(one["token"]) for one in tickets]
    page = await open_gate(window, demo, show)
    fresh = await transfer(show, winner, loser, given)

    await type_code(page, on_paper[0])
    await expect_light(page, "RED", "OLD_GENERATION")
    await photograph(page, "scan-old-code")
    await page.set_viewport_size({"width": 390, "height": 844})
    await photograph(page, "scan-phone")
    await page.set_viewport_size({"width": 1280, "height": 900})
    await hold_up(page, read_codes(await pdf_of(loser, [fresh]))[0])
    await expect_light(page, "GREEN", "ADMITTED")
    await expect(page.locator("#light .attendee")).to_have_text("Leela Menon")
    await expect(page.locator("#light .type")).to_have_text("Stalls")
    await photograph(page, "scan-new-code")

    forgiven += ["net::ERR_FAILED", "net::ERR_INTERNET_DISCONNECTED"]
    calls = await lose_answers(page, "checkIn", 2)
    await type_code(page, unheard["token"])
    await expect(page.locator("#light")).to_contain_text("decided without a network")
    await expect_light(page, "GREEN", "ADMITTED")
    await page.evaluate("dispatchEvent(new Event('online'))")
    await expect(page.locator("#connection")).to_have_text("With a network")
    await expect(page.locator("#waiting")).to_have_text("All sent")
    assert len({one["scanId"] for one in calls}) == 1, "the server has stored the first call"

    await window.set_offline(True)
    await type_code(page, kept["token"])
    await expect_light(page, "GREEN", "ADMITTED")
    await expect(page.locator("#light")).to_contain_text("decided without a network")
    await type_code(page, kept["token"])
    await expect_light(page, "RED", "USED_UP")
    await expect(page.locator("#waiting")).to_have_text("2 to send")
    await photograph(page, "scan-offline")

    sent = await lose_answers(page, "syncScans", 1)
    await window.set_offline(False)
    await expect(page.locator("#waiting")).to_have_text("All sent")
    assert len(sent) == 2
    assert sent[0]["scans"] == sent[1]["scans"]
    counted = await show.counted()
    assert counted["attendance"] == {"admitted": 3, "inside": 3, "conflicts": 0}
    assert sorted((one["scanMode"], one["reason"]) for one in counted["scans"]["nodes"]) == [
        ("OFFLINE", "ADMITTED"),
        ("OFFLINE", "USED_UP"),
        ("ONLINE", "ADMITTED"),
        ("ONLINE", "ADMITTED"),
        ("ONLINE", "OLD_GENERATION"),
    ]


async def test_the_page_decides_as_the_vectors_say(
    window: BrowserContext, demo: DemoServers
) -> None:
    page = await window.new_page()
    await page.goto(f"{demo.address}/scan")
    vectors = json.loads((HOME / "docs/clients/scanner_vectors.json").read_text())
    found = await page.evaluate(DECIDE, vectors)
    assert found == [one["reason"] for one in vectors["presented"]]


async def test_the_next_date_comes_first_and_cancelled_ones_are_left_out(
    window: BrowserContext, demo: DemoServers, http: httpx.AsyncClient
) -> None:
    show = await SeatedShow.open(http)
    page = await choose_list(window, demo, show)
    found = await page.locator("#list option").all_inner_texts()
    starts = [re.findall(r", (\d{4}-\d\d-\d\d \d\d:\d\d) · ", one)[0] for one in found]
    assert len(starts) > 3
    assert starts == sorted(starts)
    await show.organiser.do("cancelEventDate", eventDateId=show.date_id, refund="ALL")
    await page.reload()
    await expect(page.locator("#list option")).to_have_count(len(found) - 1)


async def test_a_pasted_key_scans_with_a_network_alone_until_it_is_revoked(
    window: BrowserContext, demo: DemoServers, http: httpx.AsyncClient, forgiven: list[str]
) -> None:
    show = await SeatedShow.open(http)
    scanner_id, pasted = await show.register()
    page = await choose_list(window, demo, show)
    await page.get_by_label("Or the key").fill(pasted)
    await page.get_by_role("button", name="Use", exact=True).click()
    await type_code(page, "7QX4M-2K9TD")
    await expect_light(page, "RED", "UNKNOWN")
    await expect(page.locator("#bundle")).to_have_attribute("data-bundle", "none")

    forgiven.append("net::ERR_INTERNET_DISCONNECTED")
    await window.set_offline(True)
    await type_code(page, "7QX4M-2K9TD")
    await expect_light(page, "NONE", "TYPED")
    await type_code(page, "a.b.c")
    await expect_light(page, "NONE", "NO_BUNDLE")
    await window.set_offline(False)
    await expect(page.locator("#connection")).to_have_text("With a network")

    await show.organiser.do("revokeScanner", scannerId=scanner_id)
    await type_code(page, "7QX4M-2K9TD")
    await expect(page.locator("#notice")).to_contain_text("revoked")
    await expect(page.get_by_role("button", name="Register")).to_be_visible()
    await expect(page.locator("#light")).to_be_hidden()


async def choose_list(window: BrowserContext, demo: DemoServers, show: SeatedShow) -> Page:
    page = await window.new_page()
    await page.add_init_script(CAMERA)
    await page.goto(f"{demo.address}/scan")
    await page.get_by_role("link", name="Owner", exact=True).click()
    await page.get_by_label("Check-in list").select_option(show.list_id)
    return page


async def open_gate(window: BrowserContext, demo: DemoServers, show: SeatedShow) -> Page:
    """Open the page as a member, and make it a scanner of the list."""
    page = await choose_list(window, demo, show)
    await photograph(page, "scan-register")
    await page.get_by_label("Name of the device").fill("North gate")
    await page.get_by_role("button", name="Register").click()
    await expect(page.locator("#bundle")).to_have_attribute("data-bundle", "fresh")
    await page.get_by_role("button", name="Use the camera").click()
    return page


async def transfer(
    show: SeatedShow, holder: ApiUser, friend: ApiUser, ticket: dict[str, Any]
) -> dict[str, Any]:
    """Give a ticket to a friend, who names an attendee, and return it as the friend sees it."""
    to = {"userId": friend.id}
    given = await holder.do(
        "transferTicket", "transfer { id }", ticketId=ticket["id"], to=to, **key()
    )
    offered = {"transferId": given["transfer"]["id"]}
    await friend.do("acceptTransfer", transfer=offered, **key())
    await friend.do("nameAttendee", ticketId=ticket["id"], name="Leela Menon")
    (found,) = await show.tickets_of(friend)
    return found


async def pdf_of(holder: ApiUser, tickets: Sequence[dict[str, Any]]) -> bytes:
    link = await holder.ask(PDF, ids=[one["id"] for one in tickets])
    return (await holder.http.get(link["ticketsPdf"]["url"])).content


def read_codes(content: bytes) -> list[str]:
    """Draw each page, and return its QR code."""
    codes = []
    with pypdfium2.PdfDocument(content) as document:
        for page in document:
            drawn = page.render(scale=2).to_pil()
            drawn.save(RESULTS / "ticket.png")
            codes.append(zxingcpp.read_barcodes(drawn)[0].text)
    return codes


def claims(token: str) -> str:
    """Return what a token states. Its signature is another one each time."""
    return token.split(".")[1]


async def type_code(page: Page, code: str) -> None:
    await page.locator("#code").fill(code)
    await page.get_by_role("button", name="Scan", exact=True).click()


async def hold_up(page: Page, code: str) -> None:
    await page.evaluate("code => { window.held = code; }", code)


async def expect_light(page: Page, light: str, reason: str) -> None:
    await expect(page.locator("#light")).to_have_attribute("data-reason", reason)
    await expect(page.locator("#light")).to_have_attribute("data-light", light)


async def lose_answers(page: Page, mutation: str, times: int) -> list[Any]:
    """Let the server store what the page sends, but lose its next answers. Returns all inputs."""
    sent: list[Any] = []

    async def pass_on(route: Route) -> None:
        asked = route.request.post_data_json or {}
        if f"{mutation}(" not in asked["query"]:
            await route.fallback()
            return
        sent.append(asked["variables"]["input"])
        if len(sent) > times:
            await route.continue_()
            return
        await route.fetch()
        await route.abort()

    await page.route("**/graphql", pass_on)
    return sent
