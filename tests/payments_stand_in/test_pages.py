"""Pages of the stand-in: a buyer pays, a bank asks, a vendor completes an account."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from payments_stand_in.state import SECRET_KEY
from tests.payment_providers import RunningStandIn

CARD = {"number": "4242 4242 4242 4242", "expires": "12/34", "cvc": "123"}
SHOP = "https://shop.example/paid?order=1"


def intent(stand_in: RunningStandIn, **given: str) -> dict[str, Any]:
    return stand_in.call("/v1/payment_intents", amount="1234", currency="eur", **given)


def post(stand_in: RunningStandIn, path: str, **form: str) -> httpx.Response:
    return stand_in.http.post(f"{stand_in.url}{path}", data=form)


def returned(answer: httpx.Response) -> dict[str, str]:
    """Return the parameters with which the buyer comes back to the shop."""
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("https://shop.example/paid?order=1&")
    return {
        name: one for name, (one,) in parse_qs(urlsplit(answer.headers["location"]).query).items()
    }


def test_a_buyer_pays_by_card_and_comes_back(stand_in: RunningStandIn) -> None:
    made = intent(stand_in, description="<b>Order</b> 1")
    path = f"/pay/{made['client_secret']}"
    form = stand_in.http.get(f"{stand_in.url}{path}", params={"return_url": SHOP})
    assert "12.34 EUR" in form.text
    assert "&lt;b&gt;Order&lt;/b&gt; 1" in form.text
    declined = post(stand_in, path, **CARD | {"number": "4000 0000 0000 0002"}, return_url=SHOP)
    assert (declined.status_code, "Your card was declined." in declined.text) == (402, True)
    unknown = post(stand_in, path, **CARD | {"number": "1"}, return_url=SHOP)
    assert "The stand-in knows the test cards" in unknown.text
    paid = returned(post(stand_in, path, **CARD, return_url=SHOP))
    assert paid["payment_intent"] == made["id"]
    assert paid["redirect_status"] == "succeeded"
    again = stand_in.http.get(f"{stand_in.url}{path}", params={"return_url": SHOP})
    assert again.status_code == 303, "a paid one is not paid again"


def test_a_bank_asks_the_buyer(stand_in: RunningStandIn) -> None:
    made = intent(stand_in, **{"metadata[return_url]": SHOP})
    card = CARD | {"number": "4000 0027 6000 3184"}
    asked = post(stand_in, f"/pay/{made['client_secret']}", **card)
    page = urlsplit(asked.headers["location"])
    assert page.path == f"/3ds/{made['id']}"
    path = f"{page.path}?{page.query}"
    assert "3-D Secure" in stand_in.http.get(f"{stand_in.url}{path}").text
    assert post(stand_in, page.path, answer="complete").status_code == 404, "without the secret"
    failed = returned(post(stand_in, path, answer="fail"))
    assert failed["redirect_status"] == "failed"
    post(stand_in, f"/pay/{made['client_secret']}", **card)
    assert returned(post(stand_in, path, answer="complete"))["redirect_status"] == "succeeded"
    assert post(stand_in, path, answer="complete").status_code == 404, "it was answered"


def test_a_card_is_saved_without_a_payment(stand_in: RunningStandIn) -> None:
    customer = stand_in.call("/v1/customers")["id"]
    made = stand_in.call("/v1/setup_intents", customer=customer)
    post(stand_in, f"/pay/{made['client_secret']}", **CARD, return_url=SHOP)
    methods = stand_in.objects("payment_method").values()
    assert [one["customer"] for one in methods].count(customer) == 1


def test_a_vendor_completes_an_account_by_a_link_that_works_once(stand_in: RunningStandIn) -> None:
    account = stand_in.call("/v1/accounts", country="DE", email="v@haat.example")
    link = stand_in.call(
        "/v1/account_links", account=account["id"], type="account_onboarding", return_url=SHOP
    )
    path = urlsplit(link["url"]).path
    assert "external_account" in stand_in.http.get(link["url"]).text
    form = {"answer": "complete", "account_number": "000111116"}
    assert post(stand_in, path, **form).headers["location"] == SHOP
    assert post(stand_in, path, **form).status_code == 410
    found = stand_in.objects("account")[account["id"]]
    assert found["payouts_enabled"]
    assert found["external_accounts"]["data"][0]["last4"] == "1116"


def test_a_buyer_pays_by_paystack(stand_in: RunningStandIn) -> None:
    body = {"email": "b@haat.example", "amount": 500_000, "callback_url": SHOP}
    made = stand_in.http.post(
        f"{stand_in.url}/paystack/transaction/initialize",
        json=body,
        headers={"Authorization": f"Bearer {SECRET_KEY}"},
    ).json()["data"]
    path = urlsplit(made["authorization_url"]).path
    assert "5,000.00 NGN" in stand_in.http.get(made["authorization_url"]).text
    declined = post(stand_in, path, number="4084080000005408")
    assert "Declined" in declined.text
    paid = returned(post(stand_in, path, number="4084 0840 8408 4081"))
    assert paid["reference"] == made["reference"]


def test_the_overview_shows_the_money_and_has_buttons(stand_in: RunningStandIn) -> None:
    made = intent(stand_in, confirm="true", payment_method="pm_card_visa")
    refund = stand_in.call("/v1/refunds", payment_intent=made["id"], amount="200")
    text = stand_in.http.get(f"{stand_in.url}/").text
    assert made["id"] in text
    assert "12.34 EUR" in text
    assert post(stand_in, "/_controls/fail_refund", id=refund["id"]).headers["location"] == "/"
    assert stand_in.objects("refund")[refund["id"]]["status"] == "failed"
    post(stand_in, "/_controls/switch", fault="lose")
    assert "&#39;lose&#39;: 1" in stand_in.http.get(f"{stand_in.url}/").text
    post(stand_in, "/_controls/dispute", id=made["id"])
    assert "needs_response" in stand_in.http.get(f"{stand_in.url}/").text
    stand_in.control(reset=True)
