"""A customer abroad books, pays a deposit, moves the visit and cancels it, in a browser.

The clinic follows it on an open page.
"""

import asyncio
import re
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4
from zoneinfo import ZoneInfo

import asyncpg
import httpx
import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect
from strawberry.relay.utils import from_base64

from demo.identity.accounts import CLINIC, CUSTOMER, PASSWORD, DemoAccount
from services.jobs import task_name
from tests.browser.conftest import open_window
from tests.browser.demo_servers import DemoServers, photograph
from tests.browser.test_buying import CARD, POST

HOME, ABROAD = ZoneInfo("Asia/Kolkata"), "America/New_York"
PATIENCE_SECONDS = 120  # on a machine that is busy with other tests
EARLY = timedelta(seconds=50)  # by which a reminder may be early
FROM_DAY, UNTIL_DAY = 3, 5  # half of the deposit is refunded from a week to a day before
LINK = re.compile(r"http://127\.0\.0\.1:\d+/booking#[\w.-]+")
PAGE = """
title => {
  document.body.innerHTML =
    `<main><h1>${title}</h1><p id="now"></p><ol id="slots"></ol></main>`;
}
"""
LIST = """
slots => {
  const list = document.querySelector("#slots");
  list.replaceChildren(...slots.map((slot) => {
    const [item, button] = ["li", "button"].map((name) => document.createElement(name));
    const format = new Intl.DateTimeFormat("en-GB", { dateStyle: "short", timeStyle: "short" });
    button.textContent = format.format(new Date(slot.startsAt));
    button.onclick = () => { window.chosen = slot.startsAt; };
    item.append(button);
    return item;
  }));
}
"""
FOLLOW = """
async ([query, variables, token]) => {
  const socket = new WebSocket(location.origin.replace("http", "ws") + "/graphql",
    "graphql-transport-ws");
  await new Promise((followed) => {
    socket.onopen = () => socket.send(JSON.stringify(
      { type: "connection_init", payload: { authorization: `Bearer ${token}` } }));
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      if (message.type === "connection_ack") {
        socket.send(JSON.stringify({ type: "subscribe", id: "1", payload: { query, variables } }));
        followed();
      }
      const change = message.payload?.data && Object.values(message.payload.data)[0];
      if (!change?.booking && !change?.times) return;
      const booking = change.booking;
      document.querySelector("#now").textContent = booking
        ? `${booking.bookingState} ${booking.localStart} ${booking.revision}`
        : `${change.times.length} changed`;
    };
  });
}
"""
CLINIC_AND_PET = """
query {
  vendors(search: "Banyan Animal Clinic", first: 1) { nodes { id } }
  pets(first: 5) { nodes { id species } }
}
"""
SERVICES = """
query ($vendor: ID!) {
  services(vendorId: $vendor, first: 10) {
    nodes { id dueOnline { amountMinor } needsApproval }
  }
}
"""
DAYS = """
query ($service: ID!, $from: Date!, $until: Date!, $zone: TimeZone) {
  availability(serviceId: $service, fromDay: $from, untilDay: $until, timeZone: $zone) {
    days { day slots firstStartsAt }
  }
}
"""
SLOTS = """
query ($service: ID!, $from: DateTime!, $until: DateTime!) {
  slots(serviceId: $service, startsFrom: $from, startsBefore: $until) {
    slots { startsAt localStart timeZone }
  }
}
"""
BOOKED = "booking { id bookingState revision startsAt localStart }"
TOTAL = "checkout { id problems { code } totals { total { amountMinor } } }"
SLOT_CHANGES = """
subscription ($service: ID!) {
  availabilityChanges(serviceId: $service) { times { startsFrom } }
}
"""
BOOKING_CHANGES = """
subscription ($booking: ID!) {
  bookingStatus(bookingId: $booking) { booking { bookingState localStart revision } }
}
"""
QUOTE = """
query ($id: ID!) {
  booking(id: $id) { revision startsAt paidOnline { amountMinor } cancelQuote { refundBps } }
}
"""
REFUNDED = """
query ($id: ID!) { order(id: $id) { paymentState refunds { state amount { amountMinor } } } }
"""

pytestmark = pytest.mark.timeout(300)


class PageUser:
    """A page of a user who is signed in."""

    def __init__(self, page: Page, token: str) -> None:
        self.page, self.token = page, token

    @classmethod
    async def sign_in(
        cls, page: Page, demo: DemoServers, account: DemoAccount, title: str
    ) -> "PageUser":
        await page.goto(f"{demo.address}/live")
        user = cls(page, "")
        given = {"email": account.email, "password": PASSWORD}
        made = await user.do("logIn", "session { accessToken }", **given)
        user.token = made["session"]["accessToken"]
        await page.evaluate(PAGE, title)
        return user

    async def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        found: dict[str, Any] = await self.page.evaluate(POST, [query, variables, self.token])
        return found

    async def attempt(self, mutation: str, fields: str = "", **given: Any) -> dict[str, Any]:
        """Return the payload, also of a refusal."""
        kind = mutation[0].upper() + mutation[1:] + "Input"
        query = f"mutation ($input: {kind}!) {{ {mutation}(input: $input) {{ {fields} errors"
        query += " { code message ... on BookingChanged { revision } } } }"
        return dict((await self.ask(query, input=given))[mutation])

    async def do(self, mutation: str, fields: str = "", **given: Any) -> dict[str, Any]:
        payload = await self.attempt(mutation, fields, **given)
        assert payload["errors"] == []
        return payload

    async def follow(self, query: str, **variables: Any) -> None:
        """Show each change of a subscription."""
        await self.page.evaluate(FOLLOW, [query, variables, self.token])


async def test_from_the_slot_to_the_refund(
    browser: Browser, other_window: BrowserContext, forgiven: list[str], demo: DemoServers
) -> None:
    async with open_window(browser, forgiven, timezone_id=ABROAD) as abroad:
        customer = await PageUser.sign_in(await abroad.new_page(), demo, CUSTOMER, "Book")
        # In quiet hours, the reminder would wait for their end.
        await customer.do("updateNotificationPreferences", quietHours=None)
        clinic = await PageUser.sign_in(await other_window.new_page(), demo, CLINIC, "Agenda")
        vendor_id, service, pet_id = await find_treatment(customer)
        await clinic.follow(SLOT_CHANGES, service=service["id"])

        first, second = await show_slots(customer, service["id"])
        booking = await choose(customer, service["id"], pet_id, first)
        await expect(clinic.page.locator("#now")).to_have_text("1 changed")
        await clinic.follow(BOOKING_CHANGES, booking=booking["id"])
        other_tab = await PageUser.sign_in(await abroad.new_page(), demo, CUSTOMER, "Book")
        seen = (await other_tab.ask(QUOTE, id=booking["id"]))["booking"]["revision"]

        order_id = await pay(customer, abroad, booking["id"], demo)
        confirmed = f"CONFIRMED {booking['localStart']} 0"
        await expect(clinic.page.locator("#now")).to_have_text(confirmed)
        moved = await move(customer, booking["id"], 0, second)
        shown = f"CONFIRMED {moved['localStart']} 1"
        await expect(clinic.page.locator("#now")).to_have_text(shown)
        await photograph(clinic.page, "booking-agenda")
        await expect_refused(other_tab, booking["id"], seen, first)

        quote = (await customer.ask(QUOTE, id=booking["id"]))["booking"]
        assert quote["cancelQuote"]["refundBps"] == 5_000
        await remind_soon(clinic, vendor_id, booking["id"], moved, demo)
        await cancel_by_link(await abroad.new_page(), await mailed_link(demo))
        await expect(clinic.page.locator("#now")).to_have_text(f"CANCELLED {moved['localStart']} 1")
        await expect_refund(customer, order_id, quote["paidOnline"]["amountMinor"] // 2)


async def find_treatment(customer: PageUser) -> tuple[str, dict[str, Any], str]:
    """Return the clinic, its service with a deposit, and the customer's dog."""
    found = await customer.ask(CLINIC_AND_PET)
    (vendor,), pets = found["vendors"]["nodes"], found["pets"]["nodes"]
    services = (await customer.ask(SERVICES, vendor=vendor["id"]))["services"]["nodes"]
    treatment = next(
        one for one in services if one["dueOnline"]["amountMinor"] and not one["needsApproval"]
    )
    return vendor["id"], treatment, next(one["id"] for one in pets if one["species"] == "dog")


async def show_slots(customer: PageUser, service_id: str) -> list[dict[str, Any]]:
    """List the slots of a day in the zone of the browser. Returns the first and the last."""
    zone = await customer.page.evaluate("Intl.DateTimeFormat().resolvedOptions().timeZone")
    assert zone == ABROAD
    today = datetime.now(ZoneInfo(ABROAD)).date()
    days = {"from": f"{today + timedelta(FROM_DAY)}", "until": f"{today + timedelta(UNTIL_DAY)}"}
    found = (await customer.ask(DAYS, service=service_id, zone=zone, **days))["availability"]
    day = next(one for one in found["days"] if one["slots"] > 1)
    start = datetime.fromisoformat(day["firstStartsAt"])
    within = {"from": start.isoformat(), "until": (start + timedelta(hours=12)).isoformat()}
    slots = (await customer.ask(SLOTS, service=service_id, **within))["slots"]["slots"]
    await customer.page.evaluate(LIST, slots)
    return [slots[0], slots[-1]]


async def choose(
    customer: PageUser, service_id: str, pet_id: str, slot: dict[str, Any]
) -> dict[str, Any]:
    """Press the button of a slot, which shows the customer's own time, and hold it."""
    starts_at = datetime.fromisoformat(slot["startsAt"])
    own = starts_at.astimezone(ZoneInfo(ABROAD)).strftime("%d/%m/%Y, %H:%M")
    assert slot["localStart"][:16] == starts_at.astimezone(HOME).strftime("%Y-%m-%dT%H:%M")
    await photograph(customer.page, "booking-slots")
    await customer.page.get_by_role("button", name=own).click()
    chosen = await customer.page.evaluate("window.chosen")
    given = {"serviceId": service_id, "startsAt": chosen, "petId": pet_id}
    booking: dict[str, Any] = (await customer.do("holdBooking", BOOKED, **given, **key()))[
        "booking"
    ]
    assert booking["bookingState"] == "HELD"
    return booking


async def pay(
    customer: PageUser, window: BrowserContext, booking_id: str, demo: DemoServers
) -> str:
    """Order the deposit, and pay it at the provider's page and the bank's. Returns the order."""
    given = {"currency": "INR", "bookingIds": [booking_id]}
    checkout = (await customer.do("createCheckout", TOTAL, **given))["checkout"]
    assert checkout["problems"] == []
    placed = await customer.do(
        "placeOrder",
        "order { id } payment { redirectUrl }",
        checkoutId=checkout["id"],
        expectedTotalMinor=checkout["totals"]["total"]["amountMinor"],
        provider="STRIPE",
        returnUrl=f"{demo.address}/live",
        **key(),
    )
    page = await window.new_page()
    await page.goto(placed["payment"]["redirectUrl"])
    await page.get_by_label("Card number").fill(CARD)
    await page.get_by_role("button", name="Pay").click()
    await page.get_by_role("button", name="Complete authentication").click()
    await page.wait_for_url(f"{demo.address}/live?*redirect_status=succeeded*")
    order_id: str = placed["order"]["id"]
    return order_id


async def move(
    customer: PageUser, booking_id: str, revision: int, slot: dict[str, Any]
) -> dict[str, Any]:
    given = {"bookingId": booking_id, "revision": revision, "startsAt": slot["startsAt"]}
    made = await customer.do("rescheduleBooking", BOOKED, **given, **key())
    booking: dict[str, Any] = made["booking"]
    assert booking["localStart"][:16] == slot["localStart"][:16]
    return booking


async def expect_refused(
    tab: PageUser, booking_id: str, revision: int, slot: dict[str, Any]
) -> None:
    """Move the booking from a tab that still has the former revision."""
    given = {"bookingId": booking_id, "revision": revision, "startsAt": slot["startsAt"]}
    refused = await tab.attempt("rescheduleBooking", BOOKED, **given, **key())
    (error,) = refused["errors"]
    assert (error["code"], error["revision"]) == ("BOOKING_CHANGED", 1)
    assert (await tab.ask(QUOTE, id=booking_id))["booking"]["revision"] == 1


async def remind_soon(
    clinic: PageUser, vendor_id: str, booking_id: str, booking: dict[str, Any], demo: DemoServers
) -> None:
    """Let the clinic remind at the next full minute, and the worker be as early as it may."""
    left = datetime.fromisoformat(booking["startsAt"]) - datetime.now(UTC)
    minutes = int((left.total_seconds() - 10) // 60)
    await clinic.do("setBookingReminders", vendorId=vendor_id, minutes=[minutes])
    parts = urlsplit(demo.database_url)
    connection = await asyncpg.connect(parts._replace(scheme="postgresql").geturl())
    deadline = time.monotonic() + PATIENCE_SECONDS
    booking_key = from_base64(booking_id)[1]
    task = task_name("remind_of_booking")
    hasten = """
        UPDATE procrastinate_jobs SET scheduled_at = now()
        WHERE task_name = $1 AND status = 'todo' AND args->>'booking_id' = $2
            AND scheduled_at < now() + $3
    """
    while await connection.execute(hasten, task, booking_key, EARLY) == "UPDATE 0":
        assert time.monotonic() < deadline, booking_id
        await asyncio.sleep(0.5)
    await connection.close()


async def mailed_link(demo: DemoServers) -> str:
    """Wait for the reminder on the start page, and return its link."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    async with httpx.AsyncClient(base_url=demo.address) as http:
        while time.monotonic() < deadline:
            if found := LINK.search((await http.get("/")).text):
                return found[0]
            await asyncio.sleep(0.2)
    raise AssertionError("no reminder was sent")


async def cancel_by_link(page: Page, link: str) -> None:
    """Open the link without a session, and cancel."""
    await page.goto(link)
    await expect(page.locator("#service")).to_have_text("Dental cleaning")
    await expect(page.locator("#amount")).to_contain_text("500")
    cancel = page.locator("#cancel")
    await cancel.click()
    await expect(cancel).to_have_text("Press again to cancel the booking.")
    await photograph(page, "booking-link")
    await cancel.click()
    await expect(page.locator("#cancelled")).to_be_visible()


async def expect_refund(customer: PageUser, order_id: str, amount: int) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        order = (await customer.ask(REFUNDED, id=order_id))["order"]
        if [one["state"] for one in order["refunds"]] == ["SETTLED"]:
            break
        assert time.monotonic() < deadline, order
        await asyncio.sleep(0.3)
    assert order["refunds"][0]["amount"]["amountMinor"] == amount
    assert order["paymentState"] == "PART_REFUNDED"


def key() -> dict[str, str]:
    return {"idempotencyKey": uuid4().hex}
