"""Files of payouts: made by one admin, approved by another one, closed by the bank's answer."""

import asyncio
from collections import Counter as Tally
from typing import Any

import httpx
from sqlmodel import select

from models.identity.accounts import Role, User
from models.payouts.accounts import PayoutAccount, PayoutAccountState
from models.payouts.payouts import Payout, PayoutCause, PayoutState
from models.vendors import MemberRole, Vendor
from tests.client import Client, gid, unknown
from tests.factories.base import NUMBERS
from tests.factories.payouts import ACCOUNT_NUMBER, IFSC
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.resolvers.audit.test_audit_log import read_log
from tests.resolvers.payouts.conftest import Counter

FILE = """payoutFile { id payoutFormat payoutFileState payoutCount money { amountMinor }
  madeBy { id } decidedBy { id } }"""
IN_FILE = """query ($id: ID!) {
  allPayouts(where: {payoutFileId: $id}) { nodes { payoutState } } }"""
FILES = """query ($state: PayoutFileState) {
  payoutFiles(state: $state) { nodes { id payoutCount } } }"""
PAYOUT = "payout { id payoutState payoutCause failureText transferReference }"


def keyed(**values: Any) -> dict[str, Any]:
    return {"idempotencyKey": f"file-{next(NUMBERS)}"} | values


async def planned(world: World, *amounts: int) -> list[Payout]:
    """Return payouts of vendors that wait for a file, with their money."""
    payouts = []
    for amount in amounts:
        vendor = await world.vendor(await world.user())
        await world.earned(vendor, amount)
        payouts.append(await world.payout(await world.payout_account(vendor), amount))
    return payouts


async def made(admin: Client) -> dict[str, Any]:
    payload = await admin.do("createPayoutFile", keyed(currency="INR"), FILE)
    assert payload["errors"] == []
    file: dict[str, Any] = payload["payoutFile"]
    return file


async def states(world: World, *payouts: Payout) -> list[PayoutState]:
    return [(await world.fresh(one)).state for one in payouts]


async def came_back(first: Client, second: Client, payout: Payout, reason: str) -> dict[str, Any]:
    """Return a payout that one admin has noted as returned, and another one has confirmed."""
    noted = keyed(payoutId=gid(payout), reason=reason)
    assert await first.refusal_codes("markPayoutReturned", noted) == []
    confirmed = await second.do("confirmPayoutReturn", keyed(payoutId=gid(payout)), PAYOUT)
    assert confirmed["errors"] == []
    payload: dict[str, Any] = confirmed["payout"]
    return payload


async def test_two_admins_make_a_file_and_the_bank_closes_it(
    world: World, api: Client, http: httpx.AsyncClient
) -> None:
    first, second = await world.admin(), await world.admin()
    here, there = api.signed_in(first), api.signed_in(second)
    payouts = await planned(world, 500_00, 300_00)
    given = keyed(currency="INR")
    payload = await here.do("createPayoutFile", given, FILE)
    assert await here.do("createPayoutFile", given, FILE) == payload
    file = payload["payoutFile"]
    assert (file["payoutFormat"], file["payoutFileState"]) == ("NEFT_CSV", "MADE")
    assert (file["payoutCount"], file["money"]) == (2, {"amountMinor": 800_00})
    inside = (await there.ask(IN_FILE, id=file["id"]))["allPayouts"]["nodes"]
    assert inside == [{"payoutState": "SENDING"}] * 2
    wanted = {"payoutFileId": file["id"]}
    early = await there.refusal_codes("createPayoutFileLink", wanted)
    assert early == ["PAYOUT_STATE"]
    own = await here.refusal_codes("approvePayoutFile", keyed(**wanted))
    assert own == ["OTHER_ADMIN_NEEDED"]
    approval = keyed(**wanted)
    approved = await there.do("approvePayoutFile", approval, FILE)
    assert await there.do("approvePayoutFile", approval, FILE) == approved
    assert approved["payoutFile"]["decidedBy"] == {"id": gid(second)}
    assert await states(world, *payouts) == [PayoutState.IN_TRANSIT] * 2
    again = await there.refusal_codes("approvePayoutFile", keyed(**wanted))
    assert again == ["PAYOUT_STATE"]
    url = (await here.do("createPayoutFileLink", wanted, "url"))["url"]
    answer = await http.get(url)
    assert answer.headers["content-type"].startswith("text/csv")
    assert "attachment" in answer.headers["content-disposition"]
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.text.count(f"Corner Cafe,{ACCOUNT_NUMBER},{IFSC}") == 2
    paid = keyed(payoutId=gid(payouts[0]), reference="HDFCN1234")
    closed = await here.do("markPayoutPaid", paid, PAYOUT)
    assert await here.do("markPayoutPaid", paid, PAYOUT) == closed
    assert closed["payout"]["transferReference"] == "HDFCN1234"
    taken = keyed(payoutId=gid(payouts[1]), reference="HDFCN1234")
    assert await here.refusal_codes("markPayoutPaid", taken) == ["PAYOUT_REFERENCE_TAKEN"]
    failed = await came_back(here, there, payouts[1], "No such account")
    assert (failed["payoutState"], failed["failureText"]) == ("FAILED", "No such account")
    returned = await came_back(here, there, payouts[0], "Account closed")
    assert (returned["payoutState"], returned["payoutCause"]) == ("RETURNED", "RETURNED")
    for payout in payouts:
        balance = await world.available(await vendor_of(world, payout))
        assert balance == payout.amount
    for act, actor in (
        ("CREATE_PAYOUT_FILE", first),
        ("APPROVE_PAYOUT_FILE", second),
        ("DOWNLOAD_PAYOUT_FILE", first),
        ("MARK_PAYOUT_PAID", first),
    ):
        (entry,) = await read_log(here, act=act, outcome="DONE")
        assert entry["actor"]["id"] == gid(actor)
    await check_invariants(world.database)


async def vendor_of(world: World, payout: Payout) -> Vendor:
    async with world.database.session() as session:
        return await session.get_one(Vendor, payout.vendor_id)


async def test_a_cancelled_file_gives_the_money_back(world: World, api: Client) -> None:
    admin = api.signed_in(await world.admin())
    (payout,) = await planned(world, 500_00)
    wanted = {"payoutFileId": (await made(admin))["id"]}
    assert await world.available(await vendor_of(world, payout)) == 0
    for _ in range(2):
        payload = await admin.do("cancelPayoutFile", wanted, FILE)
        assert payload["payoutFile"]["payoutFileState"] == "CANCELLED"
    ended = await world.fresh(payout)
    assert (ended.state, ended.cause) == (PayoutState.CANCELLED, PayoutCause.FILE_CANCELLED)
    assert await world.available(await vendor_of(world, payout)) == 500_00
    other = api.signed_in(await world.admin())
    late = await other.refusal_codes("approvePayoutFile", keyed(**wanted))
    assert late == ["PAYOUT_STATE"]
    await check_invariants(world.database)


async def test_a_file_has_what_is_available_and_what_is_ready(world: World, api: Client) -> None:
    admin = api.signed_in(await world.admin())
    less, none, blocked = await planned(world, 500_00, 500_00, 500_00)
    await world.earned(await vendor_of(world, less), -100_00)
    await world.earned(await vendor_of(world, none), -450_00)
    async with world.database.session() as session, session.begin():
        account = await session.get_one(PayoutAccount, blocked.payout_account_id)
        account.state = PayoutAccountState.RESTRICTED
    file = await made(admin)
    assert (file["payoutCount"], file["money"]) == (1, {"amountMinor": 400_00})
    assert await states(world, less, none, blocked) == [
        PayoutState.SENDING,
        PayoutState.CANCELLED,
        PayoutState.PLANNED,
    ]
    nothing = await admin.refusal_codes("createPayoutFile", keyed(currency="INR"))
    assert nothing == ["NO_PAYOUTS_PLANNED"]
    off = await admin.refusal_codes("createPayoutFile", keyed(currency="NGN"))
    assert off == ["PAYOUT_FILES_OFF"]
    listed = (await admin.ask(FILES, state="MADE"))["payoutFiles"]["nodes"]
    assert [one["id"] for one in listed] == [file["id"]]
    await check_invariants(world.database)


async def test_admins_who_make_files_at_once_take_each_payout_once(
    world: World, api: Client
) -> None:
    admins = [api.signed_in(await world.admin()) for _ in range(4)]
    await planned(world, 500_00, 300_00, 200_00)
    answers = await asyncio.gather(
        *(one.refusal_codes("createPayoutFile", keyed(currency="INR")) for one in admins)
    )
    assert Tally(tuple(one) for one in answers) == {(): 1, ("NO_PAYOUTS_PLANNED",): 3}
    await check_invariants(world.database)


async def test_admins_handle_no_payouts_of_their_own_business(world: World, api: Client) -> None:
    (payout,) = await planned(world, 500_00)
    maker, member = await world.admin(), await world.admin()
    await world.member(await vendor_of(world, payout), member, MemberRole.STAFF)
    here, there = api.signed_in(maker), api.signed_in(member)
    file = await made(here)
    wanted = keyed(payoutFileId=file["id"])
    assert await there.refusal_codes("approvePayoutFile", wanted) == ["OWN_PAYOUT"]
    third = api.signed_in(await world.admin())
    assert await third.refusal_codes("approvePayoutFile", wanted) == []
    paid = keyed(payoutId=gid(payout), reference="HDFCN1")
    assert await there.refusal_codes("markPayoutPaid", paid) == ["OWN_PAYOUT"]
    back = keyed(payoutId=gid(payout), reason="Returned")
    assert await there.refusal_codes("markPayoutReturned", back) == ["OWN_PAYOUT"]


async def test_marks_are_for_payouts_that_are_on_their_way(world: World, indian: Counter) -> None:
    admin = await indian.admin()
    payout = await world.payout(await world.payout_account(indian.vendor))
    for name, given in (
        ("markPayoutPaid", {"reference": "one"}),
        ("markPayoutReturned", {"reason": "two"}),
    ):
        wanted = keyed(payoutId=gid(payout), **given)
        assert await admin.refusal_codes(name, wanted) == ["PAYOUT_STATE"]
        missing = keyed(payoutId=unknown("Payout"), **given)
        assert await admin.refusal_codes(name, missing) == ["NOT_FOUND"]
        empty = keyed(payoutId=gid(payout), **dict.fromkeys(given, " "))
        assert await admin.refusal_codes(name, empty) == ["INVALID_INPUT"]


async def test_files_as_others(world: World, indian: Counter, http: httpx.AsyncClient) -> None:
    admin, other = await world.admin(), indian.api.signed_in(await world.admin())
    await planned(world, 500_00)
    file = await made(indian.api.signed_in(admin))
    wanted = {"payoutFileId": file["id"]}
    await other.do("approvePayoutFile", keyed(**wanted))
    async with world.database.session() as session:
        payout = (await session.exec(select(Payout))).one()
    calls = (
        ("createPayoutFile", keyed(currency="INR")),
        ("approvePayoutFile", keyed(**wanted)),
        ("cancelPayoutFile", wanted),
        ("createPayoutFileLink", wanted),
        ("markPayoutPaid", keyed(payoutId=gid(payout), reference="one")),
        ("markPayoutReturned", keyed(payoutId=gid(payout), reason="one")),
        ("confirmPayoutReturn", keyed(payoutId=gid(payout))),
        ("rejectPayoutReturn", {"payoutId": gid(payout)}),
    )
    for name, given in calls:
        assert await indian.client.mutation_failed(name, given) == ["FORBIDDEN"], name
        assert await indian.api.mutation_failed(name, given) == ["UNAUTHENTICATED"], name
    assert await indian.client.failed(FILES) == ["FORBIDDEN"]
    missing = {"payoutFileId": unknown("PayoutFile")}
    for name in ("cancelPayoutFile", "createPayoutFileLink"):
        assert await other.refusal_codes(name, missing) == ["NOT_FOUND"]
    url = (await other.do("createPayoutFileLink", wanted, "url"))["url"]
    assert (await http.get(f"{url}x")).status_code == 403
    assert (await http.get(url)).status_code == 200
    async with world.database.session() as session, session.begin():
        for row in (await session.exec(select(User).where(User.role == Role.ADMIN))).all():
            row.role = Role.USER
    assert (await http.get(url)).status_code == 404
