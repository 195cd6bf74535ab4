"""Payout accounts: set by owners, usable after 48 hours, and all owners are notified."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import select, update

from core.clock import now
from models.identity.accounts import UserSession
from models.payouts.accounts import PayoutAccount
from models.payouts.payouts import PayoutCause, PayoutState
from models.vendors import MemberRole
from tests.client import Client, gid, unknown
from tests.factories.base import NUMBERS
from tests.factories.payouts import ACCOUNT_NUMBER, IFSC
from tests.factories.vendors import OUTSIDERS, outsider
from tests.factories.world import World
from tests.payout_gateway import PayoutProvider
from tests.resolvers.audit.test_audit_log import read_log
from tests.resolvers.payouts.conftest import Counter

FIELDS = """payoutAccount {
    id payoutRail payoutAccountState currency accountCountry bankCode
    numberEnding usableFrom problem }"""
ACCOUNT = "query ($vendorId: ID!) { payoutAccount(vendorId: $vendorId) { id numberEnding } }"
NOTICES = """{ viewer { notifications { nodes {
  kind subject { ... on PayoutAccount { id numberEnding } } } } } }"""
IBAN = "DE89 3704 0044 0532 0130 00"
ONBOARDING = f"url {FIELDS}"


def bank(counter: Counter, **changes: Any) -> dict[str, Any]:
    return {
        **counter.id,
        "rail": "BANK_FILE",
        "holder": "Corner Cafe",
        "bankCode": IFSC,
        "accountNumber": ACCOUNT_NUMBER,
        "idempotencyKey": f"bank-{next(NUMBERS)}",
    } | changes


async def test_an_owner_sets_a_bank_account_and_all_owners_are_told(
    world: World, indian: Counter
) -> None:
    other = await world.user()
    await world.member(indian.vendor, other, MemberRole.OWNER)
    given = bank(indian, bankCode="hdfc 0001234")
    payload = await indian.client.do("setPayoutAccount", given, FIELDS)
    assert await indian.client.do("setPayoutAccount", given, FIELDS) == payload
    account = payload["payoutAccount"]
    assert account | {"id": "", "usableFrom": ""} == {
        "id": "",
        "payoutRail": "BANK_FILE",
        "payoutAccountState": "ACTIVE",
        "currency": "INR",
        "accountCountry": "IN",
        "bankCode": IFSC,
        "numberEnding": "7890",
        "usableFrom": "",
        "problem": None,
    }
    usable = datetime.fromisoformat(account["usableFrom"]) - now()
    assert timedelta(hours=47) < usable <= timedelta(hours=48)
    for user in (indian.owner, other):
        client = indian.api.signed_in(user)
        (told,) = (await client.ask(NOTICES))["viewer"]["notifications"]["nodes"]
        assert told["kind"] == "PAYOUT_ACCOUNT_CHANGED"
        assert told["subject"] == {"id": account["id"], "numberEnding": "7890"}
    async with world.database.session() as session:
        row = (await session.exec(select(PayoutAccount))).one()
    assert ACCOUNT_NUMBER.encode() not in (row.account_number or b"")
    assert row.open_bank(world.sealer) == ("Corner Cafe", ACCOUNT_NUMBER)
    (entry,) = await read_log(await indian.admin(), act="SET_PAYOUT_ACCOUNT", outcome="DONE")
    assert entry["subjectId"] == account["id"]


async def test_a_change_closes_the_former_account_and_the_same_details_change_nothing(
    world: World, indian: Counter
) -> None:
    former = await world.payout_account(indian.vendor, indian.owner)
    payout = await world.payout(former)
    same = await indian.client.do("setPayoutAccount", bank(indian), FIELDS)
    assert same["payoutAccount"]["id"] == gid(former)
    changed = await indian.client.do(
        "setPayoutAccount", bank(indian, accountNumber="999912345678"), FIELDS
    )
    assert changed["payoutAccount"]["numberEnding"] == "5678"
    assert (await world.fresh(former)).closed_at is not None
    ended = await world.fresh(payout)
    assert (ended.state, ended.cause) == (PayoutState.CANCELLED, PayoutCause.ACCOUNT)
    late = await indian.client.refusal_codes(
        "requestPayout", {**indian.id, "idempotencyKey": "one"}
    )
    assert late == ["PAYOUT_ACCOUNT_NOT_READY"]
    assert await indian.client.refusal_codes("closePayoutAccount", indian.id) == []
    again = await indian.client.refusal_codes("closePayoutAccount", indian.id)
    assert again == ["PAYOUT_ACCOUNT_MISSING"]
    assert await indian.client.ask(ACCOUNT, **indian.id) == {"payoutAccount": None}


async def test_an_iban_is_checked(german: Counter) -> None:
    given = bank(german, iban=IBAN, bankCode=None, accountNumber=None)
    account = (await german.client.do("setPayoutAccount", given, FIELDS))["payoutAccount"]
    assert (account["accountCountry"], account["numberEnding"]) == ("DE", "3000")


@pytest.mark.parametrize(
    ("country", "changes", "field"),
    [
        ("IN", {"bankCode": "HDFC1001234"}, ["bankCode"]),
        ("IN", {"accountNumber": "12345678"}, ["accountNumber"]),
        ("IN", {"iban": IBAN}, ["iban"]),
        ("IN", {"holder": "कैफ़े"}, ["holder"]),
        ("IN", {"holder": "=SUM(A1)"}, ["holder"]),
        ("IN", {"holder": "x" * 71}, ["holder"]),
        ("DE", {"iban": "DE88370400440532013000"}, ["iban"]),
        ("DE", {"iban": None}, ["iban"]),
        ("DE", {"iban": "BR1500000000000010932840814P2", "bankCode": None}, ["iban"]),
        ("DE", {"iban": IBAN, "bankCode": "NOBIC"}, ["bankCode"]),
        ("DE", {"iban": IBAN, "bankCode": None, "accountNumber": "1"}, ["accountNumber"]),
    ],
)
async def test_set_payout_account_refuses(
    indian: Counter, german: Counter, country: str, changes: dict[str, Any], field: list[str]
) -> None:
    counter = indian if country == "IN" else german
    payload = await counter.client.do("setPayoutAccount", bank(counter, **changes))
    assert [(one["code"], one["field"]) for one in payload["errors"]] == [("INVALID_INPUT", field)]


@pytest.mark.parametrize("rail", ["STRIPE", "PAYSTACK"])
async def test_rails_that_are_not_offered(indian: Counter, rail: str) -> None:
    refused = await indian.client.refusal_codes("setPayoutAccount", bank(indian, rail=rail))
    assert refused == ["RAIL_NOT_OFFERED"]
    started = await indian.client.refusal_codes(
        "startPayoutOnboarding", {**indian.id, "rail": rail}
    )
    assert started == ["RAIL_NOT_OFFERED"]


async def test_onboarding_at_a_provider(
    world: World, german: Counter, provider: PayoutProvider
) -> None:
    provider.can_receive = False
    given = {**german.id, "rail": "STRIPE"}
    payload = await german.client.do("startPayoutOnboarding", given, ONBOARDING)
    account = payload["payoutAccount"]
    assert payload["url"].startswith("https://provider.example/onboarding/acct_")
    assert (account["payoutRail"], account["payoutAccountState"]) == ("STRIPE", "ONBOARDING")
    second = await german.client.do("startPayoutOnboarding", given, ONBOARDING)
    assert (second["url"], len(provider.accounts)) == (payload["url"], 1)
    balance = await german.client.ask(
        "query ($vendorId: ID!) { vendorBalance(vendorId: $vendorId) { payoutRails } }", **german.id
    )
    assert balance["vendorBalance"]["payoutRails"] == ["STRIPE", "BANK_FILE"]


async def test_an_onboarding_goes_on_after_the_provider_was_silent(
    german: Counter, provider: PayoutProvider
) -> None:
    provider.fault = "silent"
    given = {**german.id, "rail": "STRIPE"}
    failed = await german.client.refusal_codes("startPayoutOnboarding", given)
    assert failed == ["PAYOUT_PROVIDER_FAILED"]
    provider.fault = ""
    assert (await german.client.do("startPayoutOnboarding", given, ONBOARDING))["url"]
    assert len(provider.accounts) == 1


@pytest.mark.parametrize("kind", [*OUTSIDERS, "MANAGER"])
async def test_payout_accounts_as_others(world: World, indian: Counter, kind: str) -> None:
    await world.payout_account(indian.vendor, indian.owner)
    user = await (world.user() if kind == "MANAGER" else outsider(world, indian.vendor, kind))
    if kind == "MANAGER":
        await world.member(indian.vendor, user, MemberRole.MANAGER)
    client = indian.api.signed_in(user)
    for name, given in (
        ("setPayoutAccount", bank(indian)),
        ("startPayoutOnboarding", {**indian.id, "rail": "BANK_FILE"}),
        ("closePayoutAccount", indian.id),
        ("requestPayout", {**indian.id, "idempotencyKey": "one"}),
        ("setPayoutSchedule", {**indian.id, "schedule": "DAILY"}),
    ):
        assert await client.refusal_codes(name, given) == ["NOT_FOUND"], name
    if kind in {"MANAGER", "an admin"}:
        assert (await client.ask(ACCOUNT, **indian.id))["payoutAccount"]["numberEnding"] == "7890"
    else:
        assert await client.failed(ACCOUNT, **indian.id) == ["NOT_FOUND"]


async def test_payout_accounts_without_a_session_or_with_an_old_one(
    world: World, api: Client, indian: Counter
) -> None:
    given = bank(indian)
    assert await api.mutation_failed("setPayoutAccount", given) == ["UNAUTHENTICATED"]
    assert await api.failed(ACCOUNT, **indian.id) == ["UNAUTHENTICATED"]
    missing = {"vendorId": unknown("Vendor")}
    assert await indian.client.refusal_codes("closePayoutAccount", missing) == ["NOT_FOUND"]
    async with world.database.session() as session, session.begin():
        long_ago = now() - timedelta(hours=1)
        await session.execute(update(UserSession).values(signed_in_at=long_ago))
    assert await indian.client.refusal_codes("setPayoutAccount", given) == ["STEP_UP_REQUIRED"]
