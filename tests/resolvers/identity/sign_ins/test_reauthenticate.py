"""Mutations that require the password of the last ten minutes, and `reauthenticate`."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlmodel import update
from starlette.applications import Starlette

from app import create_schema
from core.clock import now
from core.settings import Settings
from engine.limits.cost import field_metadata
from engine.mutation import mutation
from models.identity.accounts import User, UserSession
from tests.client import Client, unknown
from tests.factories.emails import email_of
from tests.factories.identity import PASSWORD
from tests.factories.world import World

TOKEN = {"name": "Till", "scopes": ["READ"]}
TOKENS = "session { accessToken refreshToken }"
CHANGE = {"current": PASSWORD, "password": "kitchen-ladder-74"}
KEY = {"challengeId": "unknown", "credential": "{}", "name": "Phone"}
# Each mutation with its input, and the refusal of a caller who may send it.
FRESH: dict[str, tuple[Callable[[], dict[str, Any]], list[str]]] = {
    "createApiToken": (lambda: TOKEN, []),
    "createCalendarFeed": (lambda: {"scope": "MINE"}, []),
    "createDisplay": (lambda: {"vendorId": unknown("Vendor"), "name": "TV"}, ["NOT_FOUND"]),
    "changePassword": (lambda: CHANGE, []),
    "changeEmail": (lambda: {"email": f"{uuid4().hex}@haat.example"}, []),
    "changePhone": (lambda: {"phone": f"+9197{uuid4().int % 10**8:08}"}, []),
    "enableTotp": (dict, []),
    "confirmTotp": (lambda: {"code": "123456"}, ["SETUP_ENDED"]),
    "disableTotp": (dict, ["FACTOR_MISSING"]),
    "regenerateRecoveryCodes": (dict, ["FACTOR_MISSING"]),
    "registerPasskey": (lambda: KEY, ["CHALLENGE_ENDED"]),
    "removePasskey": (lambda: {"passkeyId": unknown("Passkey")}, ["NOT_FOUND"]),
    "linkProvider": (lambda: {"flow": "x", "codeVerifier": "v" * 43}, ["FLOW_ENDED"]),
    "unlinkProvider": (
        lambda: {"providerIdentityId": unknown("ProviderIdentity")},
        ["NOT_FOUND"],
    ),
    "inviteMember": (
        lambda: {"vendorId": unknown("Vendor"), "email": "a@haat.example", "role": "STAFF"},
        ["NOT_FOUND"],
    ),
    "resendInvitation": (lambda: {"invitationId": unknown("MemberInvitation")}, ["NOT_FOUND"]),
    "changeMemberRole": (
        lambda: {"memberId": unknown("Member"), "role": "STAFF"},
        ["NOT_FOUND"],
    ),
    "removeMember": (lambda: {"memberId": unknown("Member")}, ["NOT_FOUND"]),
    "setTaxRegistration": (
        lambda: {"vendorId": unknown("Vendor"), "country": "DE", "kind": "NONE"},
        ["NOT_FOUND"],
    ),
    "removeTaxRegistration": (
        lambda: {"taxRegistrationId": unknown("TaxRegistration")},
        ["NOT_FOUND"],
    ),
    "setPayoutAccount": (
        lambda: {
            "vendorId": unknown("Vendor"),
            "rail": "BANK_FILE",
            "holder": "Corner Cafe",
            "bankCode": "HDFC0001234",
            "accountNumber": "001234567890",
            "idempotencyKey": "x",
        },
        ["NOT_FOUND"],
    ),
    "startPayoutOnboarding": (
        lambda: {"vendorId": unknown("Vendor"), "rail": "STRIPE"},
        ["NOT_FOUND"],
    ),
    "closePayoutAccount": (lambda: {"vendorId": unknown("Vendor")}, ["NOT_FOUND"]),
    "exportMyData": (dict, []),
    "deleteMyAccount": (lambda: {"confirm": True}, []),
    # Those of admins.
    "addVendorMember": (
        lambda: {
            "vendorId": unknown("Vendor"),
            "user": {"id": unknown("User")},
            "role": "STAFF",
        },
        ["FORBIDDEN"],
    ),
    "removeVendorMember": (
        lambda: {"vendorId": unknown("Vendor"), "userId": unknown("User")},
        ["FORBIDDEN"],
    ),
    "grantAdmin": (lambda: {"userId": unknown("User")}, ["FORBIDDEN"]),
    "revokeAdmin": (lambda: {"userId": unknown("User")}, ["FORBIDDEN"]),
    "impersonateUser": (
        lambda: {"userId": unknown("User"), "reason": "Help", "minutes": 5},
        ["FORBIDDEN"],
    ),
    "adjustLedger": (
        lambda: {
            "owner": {"userId": unknown("User")},
            "debit": "BANK",
            "credit": "WALLET",
            "amountMinor": 1,
            "currency": "INR",
            "reason": "Paid in",
            "idempotencyKey": "x",
        },
        ["FORBIDDEN"],
    ),
    "grantPromoMoney": (
        lambda: {
            "owner": {"userId": unknown("User")},
            "amountMinor": 1,
            "currency": "INR",
            "validDays": 1,
            "reason": "Welcome",
            "idempotencyKey": "x",
        },
        ["FORBIDDEN"],
    ),
    "recordTaxPayment": (
        lambda: {
            "tax": "TDS_DUE",
            "amountMinor": 1,
            "currency": "INR",
            "reason": "October",
            "reference": "CIN 1",
            "idempotencyKey": "x",
        },
        ["FORBIDDEN"],
    ),
    "refundPurchase": (
        lambda: {"purchaseId": unknown("Purchase"), "idempotencyKey": "x"},
        ["FORBIDDEN"],
    ),
    "approveLedgerAdjustment": (
        lambda: {"adjustmentId": unknown("LedgerAdjustment")},
        ["FORBIDDEN"],
    ),
    "writeOffVendorDebt": (
        lambda: {
            "vendorId": unknown("Vendor"),
            "amountMinor": 1,
            "currency": "INR",
            "reason": "Closed",
            "idempotencyKey": "x",
        },
        ["FORBIDDEN"],
    ),
    "createPayoutFile": (lambda: {"currency": "INR", "idempotencyKey": "x"}, ["FORBIDDEN"]),
    "approvePayoutFile": (
        lambda: {"payoutFileId": unknown("PayoutFile"), "idempotencyKey": "x"},
        ["FORBIDDEN"],
    ),
    "createPayoutFileLink": (lambda: {"payoutFileId": unknown("PayoutFile")}, ["FORBIDDEN"]),
    "markPayoutPaid": (
        lambda: {"payoutId": unknown("Payout"), "reference": "x", "idempotencyKey": "x"},
        ["FORBIDDEN"],
    ),
    "markPayoutReturned": (
        lambda: {"payoutId": unknown("Payout"), "reason": "x", "idempotencyKey": "x"},
        ["FORBIDDEN"],
    ),
    "confirmPayoutReturn": (
        lambda: {"payoutId": unknown("Payout"), "idempotencyKey": "x"},
        ["FORBIDDEN"],
    ),
}


@pytest.fixture
async def here(app: Starlette, api: Client) -> AsyncIterator[Client]:
    """Return a client from an address of its own, because failed attempts are counted by it."""
    transport = httpx.ASGITransport(app=app, client=(uuid4().hex, 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://haat") as http:
        yield replace(api, http=http)


async def signed_in(world: World, api: Client, *, minutes_ago: float, **values: Any) -> Client:
    user = await world.user()
    return await in_session(world, api, user, minutes_ago=minutes_ago, **values)


async def in_session(
    world: World, api: Client, user: User, *, minutes_ago: float, **values: Any
) -> Client:
    """Sign a user in to a session in which the password was given so many minutes ago."""
    signed_in_at = now() - timedelta(minutes=minutes_ago)
    session = UserSession(user_id=user.id, signed_in_at=signed_in_at, **values)
    await world.save(session)
    return api.signed_in(user, session=session)


async def attempt(client: Client, name: str) -> list[str]:
    """Return the code of the refusal or the top-level error, if any."""
    make_input, _ = FRESH[name]
    input = make_input()
    declared = f"($input: {name[0].upper()}{name[1:]}Input!)" if input else ""
    given = "(input: $input)" if input else ""
    query = f"mutation {declared} {{ {name}{given} {{ errors {{ code }} }} }}"
    answer = await client.send(query, input=input)
    if "errors" in answer:
        return [error["extensions"]["code"] for error in answer["errors"]]
    return [error["code"] for error in answer["data"][name]["errors"]]


def test_every_fresh_mutation_is_tried_here() -> None:
    mutations: Any = create_schema(Settings())._schema.mutation_type
    fresh = {name for name, field in mutations.fields.items() if field_metadata(field)["fresh"]}
    assert fresh == FRESH.keys()


def test_a_mutation_for_api_tokens_cannot_be_fresh() -> None:
    with pytest.raises(TypeError):
        mutation(fresh=True)


@pytest.mark.parametrize("name", FRESH)
async def test_a_fresh_mutation_requires_a_recent_password(
    world: World, api: Client, name: str
) -> None:
    _, answer = FRESH[name]
    assert await attempt(await signed_in(world, api, minutes_ago=9.8), name) == answer
    assert await attempt(await signed_in(world, api, minutes_ago=10.1), name) == [
        "STEP_UP_REQUIRED"
    ]


@pytest.mark.parametrize("name", FRESH)
async def test_a_fresh_mutation_requires_an_open_session_of_the_user(
    world: World, api: Client, name: str
) -> None:
    """Its row is read: no revocation is known here for these sessions."""
    user, other = await world.user(), await world.user()
    ended = await signed_in(world, api, minutes_ago=0, ended_at=now())
    past = now() - timedelta(seconds=1)
    expired = await signed_in(world, api, minutes_ago=0, ends_at=past, idle_until=past)
    unknown = api.signed_in(user, session=UserSession(user_id=user.id))
    others = api.signed_in(user, session=UserSession(id=other.id, user_id=other.id))
    for client in (ended, expired, unknown, others, api):
        assert await attempt(client, name) == ["UNAUTHENTICATED"]


@pytest.mark.parametrize("name", FRESH)
async def test_a_refreshed_session_and_an_api_token_are_not_fresh(
    world: World, api: Client, name: str
) -> None:
    user = await world.user()
    account = {"email": email_of(user), "password": PASSWORD}
    opened = (await api.do("logIn", account, TOKENS))["session"]
    async with world.database.session() as session, session.begin():
        await session.exec(update(UserSession).values(signed_in_at=now() - timedelta(minutes=11)))
    refresh = {"refreshToken": opened["refreshToken"]}
    refreshed = (await api.do("refreshSession", refresh, TOKENS))["session"]
    client = api.bearing(refreshed["accessToken"])
    assert await attempt(client, name) == ["STEP_UP_REQUIRED"]
    assert await client.refusal_codes("reauthenticate", {"password": PASSWORD}) == []
    _, expected = FRESH[name]
    assert await attempt(client, name) == expected
    _, secret = await world.api_token(user)
    assert await attempt(api.bearing(secret), name) == ["FORBIDDEN"]


async def test_create_api_token_after_log_out(world: World, api: Client) -> None:
    account = {"email": email_of(await world.user()), "password": PASSWORD}
    client = api.bearing((await api.do("logIn", account, TOKENS))["session"]["accessToken"])
    await client.do("logOut", {})
    assert await attempt(client, "createApiToken") == ["UNAUTHENTICATED"]


async def test_reauthenticate_makes_the_session_fresh_and_no_other(
    world: World, api: Client
) -> None:
    user = await world.user()
    here, there = [await in_session(world, api, user, minutes_ago=60) for _ in range(2)]
    payload = await here.do("reauthenticate", {"password": PASSWORD}, "freshUntil")
    assert payload["errors"] == []
    left = datetime.fromisoformat(payload["freshUntil"]) - now()
    assert timedelta(minutes=9, seconds=50) < left <= timedelta(minutes=10)
    assert await attempt(here, "createApiToken") == []
    assert await attempt(there, "createApiToken") == ["STEP_UP_REQUIRED"]


async def test_reauthenticate_with_a_wrong_password(world: World, api: Client) -> None:
    """Another user's password is wrong too."""
    client = await signed_in(world, api, minutes_ago=60)
    payload = await client.do("reauthenticate", {"password": "wrong"}, "freshUntil")
    assert payload["freshUntil"] is None
    (error,) = payload["errors"]
    assert (error["code"], error["message"]) == (
        "WRONG_CREDENTIALS",
        "Incorrect password. Try again.",
    )
    assert await attempt(client, "createApiToken") == ["STEP_UP_REQUIRED"]


async def test_reauthenticate_is_limited_together_with_log_in(
    world: World, here: Client, settings: Settings
) -> None:
    user = await world.user(email=f"{uuid4().hex}@haat.example")  # Redis counts across test runs
    client = await in_session(world, here, user, minutes_ago=60)
    for _ in range(settings.log_in_attempts):
        answer = await client.send(
            'mutation { reauthenticate(input: {password: "wrong"}) { errors { code } } }'
        )
        assert answer["data"]["reauthenticate"]["errors"] == [{"code": "WRONG_CREDENTIALS"}]
    right = {"password": PASSWORD}
    assert await client.mutation_failed("reauthenticate", right) == ["RATE_LIMITED"]
    log_in = right | {"email": email_of(user)}
    assert await here.mutation_failed("logIn", log_in) == ["RATE_LIMITED"]


async def test_reauthenticate_does_not_reopen_an_ended_session(world: World, api: Client) -> None:
    client = await signed_in(world, api, minutes_ago=60, ended_at=now())
    refused = await client.refusal_codes("reauthenticate", {"password": PASSWORD})
    assert refused == ["SESSION_ENDED"]


async def test_reauthenticate_as_anonymous(world: World, api: Client) -> None:
    right = {"password": PASSWORD}
    assert await api.mutation_failed("reauthenticate", right) == ["UNAUTHENTICATED"]
