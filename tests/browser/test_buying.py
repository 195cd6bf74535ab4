"""A customer buys from two vendors by a card that asks for a confirmation, in a browser.

The order is confirmed on an open page, one line is refunded, and the file and the invoices are
opened.
"""

import asyncio
import io
import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pypdfium2
import pytest
from PIL.Image import Image
from playwright.async_api import BrowserContext, Page, expect

from demo.identity.accounts import CUSTOMER, PASSWORD
from tests.browser.demo_servers import RESULTS, DemoServers, photograph

PATIENCE_SECONDS = 120  # on a machine that is busy with other tests
CARD = "4000 0027 6000 3184"  # asks for 3-D Secure
SHIPPED, FILE = "PHYSICAL", "DIGITAL"
ADDRESS = {
    "recipient": "Asha Rao",
    "streetLines": ["12 MG Road"],
    "city": "Bengaluru",
    "subdivision": "Karnataka",
    "postalCode": "560001",
    "country": "IN",
}
POST = """
async ([query, variables, token]) => {
  const headers = { "content-type": "application/json" };
  if (token) headers.authorization = `Bearer ${token}`;
  const body = JSON.stringify({ query, variables });
  const response = await fetch("/graphql", { method: "POST", headers, body });
  const { data, errors } = await response.json();
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}
"""
FOLLOW = """
async ([orderId, token]) => {
  document.body.innerHTML =
    "<main><h1>Your order</h1><p id='state'>PENDING</p><p id='paid'>UNPAID</p></main>";
  const socket = new WebSocket(location.origin.replace("http", "ws") + "/graphql",
    "graphql-transport-ws");
  const query = `subscription ($orderId: ID!) {
    orderChanges(orderId: $orderId) { order { state paymentState } } }`;
  await new Promise((followed) => {
    socket.onopen = () => socket.send(JSON.stringify(
      { type: "connection_init", payload: { authorization: `Bearer ${token}` } }));
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      if (message.type === "connection_ack") {
        socket.send(JSON.stringify(
          { type: "subscribe", id: "1", payload: { query, variables: { orderId } } }));
        followed();
      }
      const order = message.payload?.data?.orderChanges?.order;
      if (!order) return;
      document.querySelector("#state").textContent = order.state;
      document.querySelector("#paid").textContent = order.paymentState;
    };
  });
}
"""
GOODS = """
query ($kind: ProductKind!) {
  products(first: 20, where: { kind: $kind, country: "IN", currency: "INR", inStock: true }) {
    nodes { kind vendor { id } variants { id orderable } }
  }
}
"""
GROUPS = """
query ($id: ID!) {
  checkout(id: $id) {
    problems { code }
    groups { vendor { id } deliveries { rate { id } } }
    totals { total { amountMinor } }
  }
}
"""
BOUGHT = """
query ($id: ID!) {
  order(id: $id) {
    number
    paymentState
    refunds { state amount { amountMinor } }
    suborders {
      invoices { number invoiceState invoiceKind pdf { url } }
      lines { id kind total { amountMinor } downloads { id downloadState file { contentType } } }
    }
  }
}
"""

pytestmark = pytest.mark.timeout(300)


class Customer:
    """A customer's page, with an access token."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._token: str | None = None

    async def log_in(self) -> None:
        given = {"email": CUSTOMER.email, "password": PASSWORD}
        self._token = (await self.do("logIn", "session { accessToken }", **given))["session"][
            "accessToken"
        ]

    async def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        found: dict[str, Any] = await self.page.evaluate(POST, [query, variables, self._token])
        return found

    async def do(self, mutation: str, fields: str = "", **given: Any) -> dict[str, Any]:
        kind = mutation[0].upper() + mutation[1:] + "Input"
        query = f"mutation ($input: {kind}!) {{ {mutation}(input: $input) {{ {fields} errors"
        query += " { code message } } }"
        payload = (await self.ask(query, input=given))[mutation]
        assert payload["errors"] == []
        return dict(payload)

    async def follow(self, order_id: str) -> None:
        """Show the state of an order, and follow it."""
        await self.page.evaluate(FOLLOW, [order_id, self._token])

    async def until(self, order_id: str, fits: Any) -> dict[str, Any]:
        """Return the order once it fits."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not fits(order := (await self.ask(BOUGHT, id=order_id))["order"]):
            assert time.monotonic() < deadline, order
            await asyncio.sleep(0.3)
        return dict(order)


async def test_from_the_cart_to_the_refund(window: BrowserContext, demo: DemoServers) -> None:
    page = await window.new_page()
    await page.goto(f"{demo.address}/live")
    shopper = Customer(page)
    await shopper.log_in()
    order_id, url = await place_order(shopper, demo.address)
    await shopper.follow(order_id)

    await pay(await window.new_page(), url, demo.address)
    await expect(page.locator("#state")).to_have_text("CONFIRMED")
    await expect(page.locator("#paid")).to_have_text("PAID")
    await photograph(page, "order-confirmed")

    order = await shopper.until(order_id, is_complete)
    assert len(order["suborders"]) == 2
    await open_file(shopper, order)
    for part in order["suborders"]:
        await open_invoice(page, part["invoices"][0])

    shipped = next(one for one in lines_of(order) if not one["downloads"])
    lines = [{"lineId": shipped["id"], "quantity": 1}]
    why = "Not needed"
    await shopper.do("cancelOrderLines", orderId=order_id, lines=lines, reason=why, **key())
    await expect(page.locator("#paid")).to_have_text("PART_REFUNDED")
    order = await shopper.until(order_id, is_settled)
    assert order["refunds"][0]["amount"] == shipped["total"]
    await expect_refund(await window.new_page(), demo, url)
    credit = next(
        paper
        for part in (await shopper.until(order_id, has_credit_note))["suborders"]
        for paper in part["invoices"]
        if paper["invoiceKind"] == "CREDIT_NOTE"
    )
    await open_invoice(page, credit)


async def place_order(shopper: Customer, address: str) -> tuple[str, str]:
    """Order an article and a file of two vendors. Returns the order, and the page to pay at."""
    await shopper.do("clearCart")
    chosen: dict[str, str] = {}
    for kind in (FILE, SHIPPED):
        for product in (await shopper.ask(GOODS, kind=kind))["products"]["nodes"]:
            variants = [one["id"] for one in product["variants"] if one["orderable"]]
            if variants and product["vendor"]["id"] not in chosen:
                chosen[product["vendor"]["id"]] = variants[0]
                break
    for variant_id in chosen.values():
        given = {"variantId": variant_id, "quantity": 1, **key()}
        cart = (await shopper.do("addToCart", "cart { id }", **given))["cart"]
    given = {"cartId": cart["id"], "currency": "INR"}
    checkout_id = (await shopper.do("createCheckout", "checkout { id }", **given))["checkout"]["id"]
    ship_to = {"address": ADDRESS}
    await shopper.do("setCheckoutAddress", checkoutId=checkout_id, shipTo=ship_to)
    for group in (await shopper.ask(GROUPS, id=checkout_id))["checkout"]["groups"]:
        for delivery in group["deliveries"][:1]:
            rate = {"vendorId": group["vendor"]["id"], "rateId": delivery["rate"]["id"]}
            await shopper.do("chooseDelivery", "", checkoutId=checkout_id, **rate)
    checkout = (await shopper.ask(GROUPS, id=checkout_id))["checkout"]
    assert checkout["problems"] == []
    given = {
        "checkoutId": checkout_id,
        "expectedTotalMinor": checkout["totals"]["total"]["amountMinor"],
        "provider": "STRIPE",
        "returnUrl": f"{address}/live",
        **key(),
    }
    placed = await shopper.do("placeOrder", "order { id } payment { redirectUrl }", **given)
    return placed["order"]["id"], placed["payment"]["redirectUrl"]


async def pay(page: Page, url: str, address: str) -> None:
    """Pay at the provider's page, and confirm it at the bank's."""
    await page.goto(url)
    await page.get_by_label("Card number").fill(CARD)
    await photograph(page, "card-form")
    await page.get_by_role("button", name="Pay").click()
    await page.get_by_role("button", name="Complete authentication").click()
    await page.wait_for_url(f"{address}/live?*redirect_status=succeeded*")


async def open_file(shopper: Customer, order: dict[str, Any]) -> None:
    """Download the booklet that the customer has bought. The mark on it is drawn, not text."""
    grant = next(
        grant
        for line in lines_of(order)
        for grant in line["downloads"]
        if grant["file"]["contentType"] == "application/pdf"
    )
    made = await shopper.do("createDownloadLink", "url", grantId=grant["id"])
    found = await shopper.page.request.get(made["url"])
    assert found.ok, await found.text()
    with pypdfium2.PdfDocument(io.BytesIO(await found.body())) as booklet:
        keep(booklet[0], "booklet")
        assert "Page 1" in booklet[0].get_textpage().get_text_range()


async def open_invoice(page: Page, paper: dict[str, Any]) -> None:
    """Draw a PDF, which names its number and is not blank. Its text is drawn, too."""
    body = await (await page.request.get(paper["pdf"]["url"])).body()
    with pypdfium2.PdfDocument(io.BytesIO(body)) as document:
        first = document[0]
        assert paper["number"] in document.get_metadata_value("Title")
        dark = keep(first, paper["invoiceKind"].lower()).convert("L").histogram()[:128]
    assert sum(dark) > 2_000


def keep(page: pypdfium2.PdfPage, name: str) -> Image:
    """Draw a page, to be looked at later."""
    drawn: Image = page.render(scale=1.5).to_pil()
    drawn.save(RESULTS / f"{name}.png")
    return drawn


async def expect_refund(page: Page, demo: DemoServers, url: str) -> None:
    """Look at the refund of the payment of a page, among all on the page of the provider."""
    await page.goto(demo.payments)
    payment_id = url.rsplit("/", 1)[1].partition("_secret_")[0]
    refunds = page.locator("table", has=page.get_by_text("Refund", exact=True))
    refund = refunds.get_by_role("row").filter(has_text=payment_id)
    await expect(refund.get_by_text("succeeded")).to_have_count(1)
    await photograph(page, "payments-stand-in")


def is_complete(order: dict[str, Any]) -> bool:
    """Return whether all invoices are made, and the copies with the buyer's mark."""
    grants = [grant for line in lines_of(order) for grant in line["downloads"]]
    return {grant["downloadState"] for grant in grants} == {"READY"} and all(
        part["invoices"] and part["invoices"][0]["invoiceState"] == "RENDERED"
        for part in order["suborders"]
    )


def has_credit_note(order: dict[str, Any]) -> bool:
    return any(
        paper["invoiceKind"] == "CREDIT_NOTE" and paper["invoiceState"] == "RENDERED"
        for part in order["suborders"]
        for paper in part["invoices"]
    )


def is_settled(order: dict[str, Any]) -> bool:
    return [one["state"] for one in order["refunds"]] == ["SETTLED"]


def lines_of(order: dict[str, Any]) -> Iterator[dict[str, Any]]:
    return (line for part in order["suborders"] for line in part["lines"])


def key() -> dict[str, str]:
    return {"idempotencyKey": str(uuid4())}
