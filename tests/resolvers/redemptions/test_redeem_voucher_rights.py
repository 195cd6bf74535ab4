"""Redeeming a voucher: who may, which fields they see, and who is notified."""

import pytest
from sqlalchemy import text

from models.identity.accounts import User
from models.vendors import MemberRole, VendorStatus
from tests.client import Client, gid
from tests.factories.redemptions import Till
from tests.factories.world import World

SECRETS = "voucher { state code token qrSvg qrPng }"


@pytest.mark.parametrize("role", list(MemberRole))
async def test_redeem_voucher_in_every_role(world: World, api: Client, role: MemberRole) -> None:
    till = await Till.open(world)
    voucher, member = await till.voucher(), await world.user()
    await world.member(till.vendor, member, role)
    payload = await api.signed_in(member).do(
        "redeemVoucher", till.scan(token=voucher.token), "outcome"
    )
    assert payload["outcome"] == "APPROVED"


async def wrong_user(world: World, till: Till, who: str) -> User:
    if who == "customer":
        return till.customer
    if who == "admin":
        return await world.admin()
    user = await world.user()
    if who == "owner of another vendor":
        await world.vendor(owner=user)
    return user


@pytest.mark.parametrize("who", ["stranger", "customer", "owner of another vendor", "admin"])
async def test_redeem_voucher_at_a_vendor_one_does_not_work_for(
    world: World, api: Client, who: str
) -> None:
    till = await Till.open(world)
    voucher = await till.voucher()
    client = api.signed_in(await wrong_user(world, till, who))
    assert await client.refusal_codes("redeemVoucher", till.scan(token=voucher.token)) == [
        "NOT_FOUND"
    ]
    assert await till.attempts() == []


async def test_redeem_voucher_as_anonymous(world: World, api: Client) -> None:
    till = await Till.open(world)
    voucher = await till.voucher()
    scan = till.scan(token=voucher.token)
    assert await api.mutation_failed("redeemVoucher", scan) == ["UNAUTHENTICATED"]
    assert await till.attempts() == []


@pytest.mark.parametrize("status", [VendorStatus.REJECTED, VendorStatus.PENDING])
async def test_redeem_voucher_at_a_vendor_that_is_not_approved(
    world: World, api: Client, status: VendorStatus
) -> None:
    till = await Till.open(world)
    voucher = await till.voucher()
    till.vendor.status = status
    await world.save(till.vendor)
    client = api.signed_in(till.scanner)
    scan = till.scan(token=voucher.token)
    assert await client.refusal_codes("redeemVoucher", scan) == ["VENDOR_NOT_APPROVED"]
    assert await till.attempts() == []


async def test_redeem_voucher_shows_the_till_no_secrets(world: World, api: Client) -> None:
    till = await Till.open(world)
    voucher = await till.voucher()
    client = api.signed_in(till.scanner)
    payload = await client.do("redeemVoucher", till.scan(token=voucher.token), SECRETS)
    secrets = dict.fromkeys(("code", "token", "qrSvg", "qrPng"))
    assert payload["voucher"] == {"state": "REDEEMED"} | secrets


async def test_redeem_voucher_is_seen_by_its_owner(world: World, api: Client) -> None:
    till = await Till.open(world)
    voucher = await till.voucher()
    await till.redeem(api, token=voucher.token)
    data = await api.signed_in(till.customer).ask(
        "query ($id: ID!) { node(id: $id) { ... on Voucher { state redemptions { reason } } } }",
        id=gid(voucher),
    )
    assert data["node"] == {"state": "REDEEMED", "redemptions": [{"reason": "APPROVED"}]}


async def test_redeem_voucher_notifies_the_owner_only_of_approvals(
    world: World, api: Client
) -> None:
    till = await Till.open(world)
    voucher = await till.voucher()
    for _ in range(2):
        await till.redeem(api, token=voucher.token)
    async with world.database.session() as session:
        jobs = await session.execute(text("SELECT task_name, args FROM procrastinate_jobs"))
        notified = await session.execute(text("SELECT id, user_id, subject_id FROM notification"))
    (notification,) = notified.all()
    assert notification[1:] == (till.customer.id, voucher.id)
    assert jobs.all() == [("haat:plan_deliveries", {"notification_id": str(notification.id)})]
