"""Connect accounts: made by the platform, completed by their owners on the onboarding page."""

import secrets
import time

from stripe.params import (
    AccountCreateParams,
    AccountDeleteParams,
    AccountLinkCreateParams,
    AccountListParams,
    AccountRetrieveParams,
    AccountUpdateParams,
)

from payments_stand_in.state import StandIn
from payments_stand_in.store import Json
from payments_stand_in.stripe.calls import StripeCall
from payments_stand_in.stripe.events import emit
from payments_stand_in.stripe.lists import listing
from payments_stand_in.stripe.refusals import Refused

KIND = "account"
LINK = "account_link"
LINK_SECONDS = 300
DUE = ("external_account", "individual.verification.document", "tos_acceptance.date")


def create(call: StripeCall, params: AccountCreateParams) -> Json:
    country = str(params.get("country", "US"))
    account = call.stand_in.store.add(
        KIND,
        "acct",
        business_profile=params.get("business_profile"),
        business_type=params.get("business_type"),
        capabilities={"transfers": "inactive"},
        charges_enabled=False,
        controller=params.get("controller"),
        country=country,
        default_currency=params.get("default_currency", "usd"),
        details_submitted=False,
        email=params.get("email"),
        external_accounts={"object": "list", "data": [], "has_more": False},
        metadata=params.get("metadata") or {},
        payouts_enabled=False,
        requirements=_requirements(DUE),
        settings=params.get("settings") or {},
        type=params.get("type", "none"),
    )
    emit(call.stand_in, "account.updated", account, account["id"])
    return account


def complete(stand_in: StandIn, account: Json, last4: str = "6789") -> None:
    """Enter what Stripe asks for, upon which the account can receive money."""
    bank = {
        "id": f"ba_{account['id'][5:]}",
        "object": "bank_account",
        "country": account["country"],
        "currency": account["default_currency"],
        "last4": last4,
        "status": "new",
    }
    account["external_accounts"]["data"] = [bank]
    account.update(
        capabilities={"transfers": "active"},
        details_submitted=True,
        payouts_enabled=True,
        requirements=_requirements(()),
    )
    emit(stand_in, "account.updated", account, account["id"])


def restrict(stand_in: StandIn, account: Json, missing: list[str]) -> None:
    """Ask the owner for more, and pay nothing out until it is there."""
    account.update(payouts_enabled=False, requirements=_requirements(tuple(missing)))
    emit(stand_in, "account.updated", account, account["id"])


def retrieve(call: StripeCall, _: AccountRetrieveParams) -> Json:
    return call.stand_in.store.get(KIND, call.id)


def update(call: StripeCall, params: AccountUpdateParams) -> Json:
    account = call.stand_in.store.get(KIND, call.id)
    account["metadata"] |= params.get("metadata") or {}
    account["settings"] |= params.get("settings") or {}
    if email := params.get("email"):
        account["email"] = email
    emit(call.stand_in, "account.updated", account, account["id"])
    return account


def delete(call: StripeCall, _: AccountDeleteParams) -> Json:
    if any(call.stand_in.funds.balance(call.id).values()):
        raise Refused("account_has_balance", "The account has a balance.")
    call.stand_in.store.remove(KIND, call.id)
    return {"id": call.id, "object": KIND, "deleted": True}


def list_all(call: StripeCall, params: AccountListParams) -> Json:
    return listing(call, KIND, params)


def create_link(call: StripeCall, params: AccountLinkCreateParams) -> Json:
    """Make an onboarding link, which works once and for five minutes."""
    call.stand_in.store.get(KIND, params["account"])
    token, now = secrets.token_urlsafe(18), int(time.time())
    link = {
        "object": LINK,
        "created": now,
        "expires_at": now + LINK_SECONDS,
        "url": f"{call.stand_in.address}/onboarding/{token}",
        "_account": params["account"],
        "_refresh_url": params.get("refresh_url", ""),
        "_return_url": params.get("return_url", ""),
    }
    call.stand_in.store.put(LINK, token, link)
    return link


def _requirements(due: tuple[str, ...]) -> Json:
    return {
        "currently_due": list(due),
        "disabled_reason": "requirements.past_due" if due else None,
        "errors": [],
        "eventually_due": list(due),
        "past_due": list(due),
        "pending_verification": [],
    }
