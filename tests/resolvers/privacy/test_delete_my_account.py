"""The deletion of an account: asked for, cancelled by its link or a log-in, and refused."""

import re
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text
from sqlmodel import select

from core.clock import now
from gateways.mail import MailMessage
from models.identity.accounts import Role, User, UserState
from models.privacy import AccountDeletion
from models.vendors import MemberRole, VendorStatus
from services.privacy.deletion_mail import compose_deletion
from tests.client import Client, gid
from tests.factories.emails import email_of
from tests.factories.identity import PASSWORD
from tests.factories.world import World
from tests.resolvers.orders.handling import SoldOrder

URL = "https://haat.example"
LINK = re.compile(r"^https://haat\.example/auth/keep#(\S+)$", re.MULTILINE)
DELETION = "{ accountDeletion { createdAt dueAt } }"
TASKS = text("SELECT replace(task_name, 'haat:', '') FROM procrastinate_jobs ORDER BY id")


AGED = text("UPDATE user_session SET signed_in_at = signed_in_at - interval '11 minutes'")


async def age(world: World) -> None:
    """Make all sign-ins too old for sensitive acts."""
    async with world.database.session() as session, session.begin():
        await session.execute(AGED)


async def delete(client: Client) -> list[str]:
    return await client.refusal_codes("deleteMyAccount", {"confirm": True})


async def deletion_of(world: World, user: User) -> AccountDeletion | None:
    async with world.database.session() as session:
        rows = select(AccountDeletion).where(AccountDeletion.user_id == user.id)
        return (await session.exec(rows)).first()


async def mails(world: World, user: User) -> list[MailMessage]:
    deletion = await deletion_of(world, user)
    assert deletion is not None
    async with world.database.session() as session, session.begin():
        return list(await compose_deletion(session, world.sealer, deletion.id, URL))


async def token_for(world: World, api: Client, user: User) -> str:
    assert await delete(api.signed_in(user)) == []
    (mail,) = await mails(world, user)
    assert mail.to == email_of(user)
    link = LINK.search(mail.body)
    assert link is not None
    return link[1]


async def test_an_account_is_deleted_in_fourteen_days(world: World, api: Client) -> None:
    user = await world.user(locale="de")
    client = api.signed_in(user)
    assert (await client.ask(DELETION))["accountDeletion"] is None
    given = {"confirm": True}
    done = await client.do("deleteMyAccount", given, "deletion { dueAt }")
    due = datetime.fromisoformat(done["deletion"]["dueAt"])
    assert timedelta(days=13, hours=23) < due - now() <= timedelta(days=14)
    assert await client.do("deleteMyAccount", given, "deletion { dueAt }") == done
    assert (await client.ask(DELETION))["accountDeletion"]["dueAt"] == done["deletion"]["dueAt"]
    async with world.database.session() as session:
        tasks = (await session.execute(TASKS)).scalars().all()
    assert tasks == ["send_account_deletion", "erase_account"]
    (mail,) = await mails(world, user)
    assert mail.subject == "Dein Konto wird gelöscht"
    assert user.name not in mail.body


async def test_who_can_ask_for_a_deletion(world: World, api: Client) -> None:
    user = await world.user()
    assert await api.mutation_failed("deleteMyAccount", {"confirm": True}) == ["UNAUTHENTICATED"]
    program = api.bearing((await world.api_token(user))[1])
    assert await program.mutation_failed("deleteMyAccount", {"confirm": True}) == ["FORBIDDEN"]
    client = api.signed_in(user)
    assert await client.refusal_codes("deleteMyAccount", {"confirm": False}) == ["INVALID_INPUT"]
    await age(world)
    assert await delete(client) == ["STEP_UP_REQUIRED"]
    assert await deletion_of(world, user) is None
    assert await api.failed(DELETION) == ["UNAUTHENTICATED"]


async def test_the_link_keeps_the_account(world: World, api: Client) -> None:
    user = await world.user()
    token = await token_for(world, api, user)
    purpose = "query ($token: String!) { authLink(token: $token) { purpose email } }"
    found = (await api.ask(purpose, token=token))["authLink"]
    assert found == {"purpose": "CANCEL_DELETION", "email": email_of(user)}
    assert await api.refusal_codes("cancelAccountDeletion", {"token": "x" * 43}) == ["LINK_ENDED"]
    assert await api.refusal_codes("cancelAccountDeletion", {"token": token}) == []
    assert await deletion_of(world, user) is None
    assert await api.refusal_codes("cancelAccountDeletion", {"token": token}) == ["LINK_ENDED"]


async def test_once_it_is_due_it_is_too_late(world: World, api: Client) -> None:
    """The erasure may have begun."""
    user = await world.user()
    token = await token_for(world, api, user)
    await make_due(world, user)
    assert await api.refusal_codes("cancelAccountDeletion", {"token": token}) == ["LINK_ENDED"]
    assert await mails(world, user) == []
    assert await log_in(api, user) == ["WRONG_CREDENTIALS"]
    assert await deletion_of(world, user) is not None


async def make_due(world: World, user: User) -> None:
    deletion = await deletion_of(world, user)
    assert deletion is not None
    deletion.created_at, deletion.due_at = now() - timedelta(days=14), now()
    await world.save(deletion)


async def log_in(api: Client, user: User) -> list[str]:
    return await api.refusal_codes("logIn", {"email": email_of(user), "password": PASSWORD})


async def test_a_log_in_keeps_the_account(world: World, api: Client) -> None:
    user, other = await world.user(), await world.user()
    for one in (user, other):
        assert await delete(api.signed_in(one)) == []
    assert await log_in(api, user) == []
    assert await deletion_of(world, user) is None
    assert await deletion_of(world, other) is not None


async def test_a_wrong_password_keeps_nothing(world: World, api: Client) -> None:
    user = await world.user()
    assert await delete(api.signed_in(user)) == []
    wrong = {"email": email_of(user), "password": "wrong"}
    assert await api.refusal_codes("logIn", wrong) == ["WRONG_CREDENTIALS"]
    assert await deletion_of(world, user) is not None


@pytest.mark.parametrize("status", VendorStatus)
async def test_the_only_owner_of_an_open_vendor(
    world: World, api: Client, status: VendorStatus
) -> None:
    user = await world.user()
    vendor = await world.vendor(user, status=status)
    is_open = status in {VendorStatus.APPROVED, VendorStatus.SUSPENDED}
    payload = await api.signed_in(user).do("deleteMyAccount", {"confirm": True})
    assert [one["code"] for one in payload["errors"]] == (["LAST_OWNER"] if is_open else [])
    if is_open:
        assert vendor.name in payload["errors"][0]["message"]
        await world.member(vendor, await world.user(), MemberRole.MANAGER)
        assert await delete(api.signed_in(user)) == ["LAST_OWNER"]
        await world.member(vendor, await world.user(), MemberRole.OWNER)
        assert await delete(api.signed_in(user)) == []


async def test_an_owner_who_is_to_be_deleted_does_not_count(world: World, api: Client) -> None:
    """Otherwise the other one leaves, and the vendor has no owner after the erasure."""
    first, second = await world.user(), await world.user()
    vendor = await world.vendor(first)
    await world.member(vendor, second, MemberRole.OWNER)
    assert await delete(api.signed_in(first)) == []
    leave = {"vendorId": gid(vendor)}
    assert await api.signed_in(second).refusal_codes("leaveVendor", leave) == ["LAST_OWNER"]
    assert await delete(api.signed_in(second)) == ["LAST_OWNER"]


async def test_an_account_with_open_orders_stays(world: World, api: Client) -> None:
    sale = await SoldOrder.make(world, api)
    assert await delete(sale.buyer) == ["ORDERS_OPEN"]
    assert await delete(api.signed_in(await world.user())) == []
    given = {"orderId": gid(sale.placed.order), "idempotencyKey": "one"}
    assert await sale.buyer.refusal_codes("cancelOrder", given) == []
    assert await delete(sale.buyer) == []


async def test_an_account_with_money_in_its_wallet_stays(world: World, api: Client) -> None:
    user, other = await world.user(), await world.user()
    await world.fund(user, 1)
    await world.fund(other, 0, promo=1)
    assert await delete(api.signed_in(user)) == ["WALLET_NOT_EMPTY"]
    assert await delete(api.signed_in(other)) == ["WALLET_NOT_EMPTY"]
    assert await deletion_of(world, user) is None


async def test_the_only_admin_stays(world: World, api: Client) -> None:
    """One whose account will be deleted, or who is suspended, does not count."""
    admin, leaving = await world.admin(), await world.admin()
    assert await delete(api.signed_in(leaving)) == []
    assert await delete(api.signed_in(admin)) == ["LAST_ADMIN"]
    suspended = await world.user(role=Role.ADMIN, state=UserState.SUSPENDED)
    assert await delete(api.signed_in(admin)) == ["LAST_ADMIN"]
    assert await deletion_of(world, admin) is None
    suspended.state = UserState.ACTIVE
    await world.save(suspended)
    assert await delete(api.signed_in(admin)) == []
