"""The card form, the bank's confirmation and the onboarding of Stripe."""

import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from payments_stand_in.pages.rendering import back, done, page
from payments_stand_in.state import StandIn
from payments_stand_in.store import Json, NoSuchObject
from payments_stand_in.stripe import accounts, attempts, intents, methods, setup_intents
from payments_stand_in.stripe.calls import StripeCall
from payments_stand_in.stripe.cards import ALL, find_card
from payments_stand_in.stripe.refusals import Refused

OPEN = frozenset({"requires_payment_method", "requires_confirmation", "requires_action"})
PAID = frozenset({"succeeded", "processing"})


class StripePages:
    """Pages of Stripe for buyers and vendors."""

    def __init__(self, stand_in: StandIn) -> None:
        self._stand_in = stand_in

    async def card_form(self, request: Request) -> Response:
        """Show the form of an intent, which the client secret opens."""
        try:
            intent = self._find(request.path_params["secret"])
        except NoSuchObject:
            return done("There is no such payment.", status=404)
        return_url = self._return_url(intent, request.query_params)
        if intent["status"] in PAID:
            return _return(intent, return_url)
        if intent["status"] not in OPEN:
            return done("This payment was cancelled.")
        return self._form(intent, return_url)

    async def pay(self, request: Request) -> Response:
        """Pay with the card that was entered."""
        secret, given = request.path_params["secret"], await _form_of(request)
        try:
            intent = self._find(secret)
        except NoSuchObject:
            return done("There is no such payment.", status=404)
        return_url = self._return_url(intent, given)
        try:
            self._confirm(intent, given, return_url)
        except Refused as refusal:
            return self._form(intent, return_url, error=str(refusal))
        action = intent["next_action"]
        if action:
            return RedirectResponse(action["redirect_to_url"]["url"], 303)
        return _return(intent, return_url)

    async def confirmation(self, request: Request) -> Response:
        """Show the page on which a bank asks the buyer."""
        intent = self._asking(request)
        if intent is None:
            return done("The bank asks nothing about this payment.", status=404)
        return page("confirmation", intent=intent)

    async def confirm(self, request: Request) -> Response:
        """Go on with what the buyer answered the bank."""
        intent, given = self._asking(request), await _form_of(request)
        if intent is None:
            return done("The bank asks nothing about this payment.", status=404)
        return_url = intent["next_action"]["redirect_to_url"]["return_url"]
        confirmed = given.get("answer") == "complete"
        change = (
            attempts.authenticated
            if intent["object"] == intents.KIND
            else setup_intents.authenticated
        )
        change(self._stand_in, intent, confirmed=confirmed)
        return _return(intent, return_url)

    async def onboarding(self, request: Request) -> Response:
        link = self._link(request.path_params["token"])
        if link is None:
            return done("This link was used, or is older than five minutes.", status=410)
        account = self._stand_in.store.get(accounts.KIND, link["_account"])
        return page("onboarding", account=account)

    async def complete(self, request: Request) -> Response:
        """Complete the account, and send the vendor back."""
        token, given = request.path_params["token"], await _form_of(request)
        link = self._link(token)
        if link is None:
            return done("This link was used, or is older than five minutes.", status=410)
        self._stand_in.store.remove(accounts.LINK, token)
        account = self._stand_in.store.get(accounts.KIND, link["_account"])
        if given.get("answer") == "complete":
            last4 = given.get("account_number", "")[-4:] or "6789"
            accounts.complete(self._stand_in, account, last4)
        return back(link["_return_url"], "The account is complete.")

    def _find(self, secret: str) -> Json:
        """Return the intent of a client secret. Raises `NoSuchObject`."""
        id = secret.partition("_secret_")[0]
        kind = setup_intents.KIND if id.startswith("seti_") else intents.KIND
        intent = self._stand_in.store.get(kind, id)
        if intent["client_secret"] != secret:
            raise NoSuchObject(kind, id)
        return intent

    def _asking(self, request: Request) -> Json | None:
        """Return the intent about which the bank asks the buyer."""
        intent = self._stand_in.store.find(request.path_params["id"])
        is_buyer = intent and intent.get("client_secret") == request.query_params.get("secret")
        return intent if intent and is_buyer and intent["status"] == "requires_action" else None

    def _link(self, token: str) -> Json | None:
        try:
            link = self._stand_in.store.get(accounts.LINK, token)
        except NoSuchObject:
            return None
        return link if link["expires_at"] > time.time() else None

    def _return_url(self, intent: Json, given: Mapping[str, Any]) -> str | None:
        """Return where the buyer goes back to: by the link, the intent or its metadata."""
        named: str | None = given.get("return_url") or intent["_return_url"]
        return named or intent["metadata"].get("return_url") or None

    def _confirm(self, intent: Json, given: Mapping[str, str], return_url: str | None) -> None:
        month, _, year = given.get("expires", "").partition("/")
        if not (month.strip().isdecimal() and year.strip().isdecimal()):
            raise Refused("invalid_expiry_month", "Enter the expiry as 12/34.")
        card = find_card(given.get("number", ""), int(month), int(year))
        method = methods.add_card(self._stand_in, card, int(month), int(year))
        call = StripeCall(
            self._stand_in,
            intent["id"],
            account=None,
            key=None,
            publishable=False,
            client_secret=intent["client_secret"],
        )
        if intent["object"] == setup_intents.KIND:
            setup_intents.confirm(
                call, {"payment_method": method["id"], "return_url": return_url or ""}
            )
        else:
            intents.confirm(call, {"payment_method": method["id"], "return_url": return_url or ""})

    def _form(self, intent: Json, return_url: str | None, error: str = "") -> Response:
        status = 402 if error else 200
        return page(
            "card", status, intent=intent, cards=ALL, return_url=return_url or "", error=error
        )


def _return(intent: Json, return_url: str | None) -> Response:
    """Send the buyer back as Stripe does."""
    status = intent["status"] if intent["status"] in PAID else "failed"
    name = intent["object"]
    parameters = {
        name: intent["id"],
        f"{name}_client_secret": intent["client_secret"],
        "redirect_status": status,
    }
    text = "It did not work. Choose another card." if status == "failed" else "Done, thank you."
    return back(return_url, text, **parameters)


async def _form_of(request: Request) -> Mapping[str, str]:
    return dict(parse_qsl((await request.body()).decode()))
