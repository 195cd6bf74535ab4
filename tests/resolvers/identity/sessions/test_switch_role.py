"""Roles of a browser session: a customer's at first, a vendor's or an admin's for two hours."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlmodel import col, update

from core.clock import now
from core.settings import Settings
from models.identity.accounts import User, UserSession
from models.vendors import MemberRole, Vendor
from tests.client import Client, gid
from tests.factories.world import World
from tests.resolvers.identity.browser import CSRF, BrowserPages
from tests.resolvers.identity.sessions.test_browser_mode import forget_copies

RIGHTS = """
query ($id: ID!, $offer: ID!) {
  vendor(id: $id) { viewerRole }
  offer(id: $offer) { id }
  viewer { vendors { id } activeRole { admin } conversations { totalCount } unreadMessages }
}
"""
PAUSE = "mutation ($id: ID!) { pauseOffer(input: {offerId: $id}) { errors { code } } }"
AUDIT = "{ auditLog { totalCount } }"
ME = "{ viewer { id } }"


@pytest.fixture
def browser(http: httpx.AsyncClient) -> BrowserPages:
    return BrowserPages(http)


async def shop_of(world: World, owner: User) -> tuple[Vendor, Any]:
    """Return a vendor of the user, and its draft, which only members see."""
    vendor = await world.vendor(owner)
    return vendor, await world.offer(vendor, state="DRAFT")


async def sees(browser: BrowserPages | Client, vendor: Vendor, draft: Any) -> bool:
    """Return whether the membership of the vendor counts, in all that is asked for."""
    found = await browser.ask(RIGHTS, id=gid(vendor), offer=gid(draft))
    seen = {found["vendor"]["viewerRole"] is not None, found["offer"] is not None}
    assert len(seen) == 1
    return seen.pop()


async def test_a_session_starts_as_a_customers(
    world: World, browser: BrowserPages, api: Client
) -> None:
    owner = await world.user()
    shop = await shop_of(world, owner)
    await browser.log_in(owner)
    assert not await sees(browser, *shop)
    found = await browser.ask(RIGHTS, id=gid(shop[0]), offer=gid(shop[1]))
    assert found["viewer"]["vendors"] == [{"id": gid(shop[0])}], "the roles to choose from"
    assert found["viewer"]["activeRole"] is None
    assert await sees(api.signed_in(owner), *shop), "with a token, all memberships count"


async def test_acting_for_a_vendor_counts_that_membership_alone(
    world: World, browser: BrowserPages
) -> None:
    owner = await world.user()
    shop, other = await shop_of(world, owner), await shop_of(world, owner)
    await browser.log_in(owner)
    before = browser.cookie
    payload = await browser.act(vendorId=gid(shop[0]))
    role = payload["viewer"]["activeRole"]
    assert (role["admin"], role["vendor"]) == (False, {"name": shop[0].name})
    left = datetime.fromisoformat(role["until"]) - datetime.now(UTC)
    assert timedelta(hours=1, minutes=59) < left <= timedelta(hours=2)
    assert browser.cookie != before
    assert await sees(browser, *shop)
    assert not await sees(browser, *other)
    await browser.act(vendorId=gid(other[0]))
    assert not await sees(browser, *shop)
    assert await sees(browser, *other)
    await browser.act()
    assert not await sees(browser, *shop)
    assert not await sees(browser, *other)


async def test_mutations_need_the_role(world: World, browser: BrowserPages) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    offer = await world.offer(vendor)
    await browser.log_in(owner)
    refused = (await browser.ask(PAUSE, id=gid(offer)))["pauseOffer"]["errors"]
    assert refused == [{"code": "NOT_FOUND"}]
    await browser.act(vendorId=gid(vendor))
    assert (await browser.ask(PAUSE, id=gid(offer)))["pauseOffer"]["errors"] == []


async def test_the_former_cookie_is_refused(world: World, browser: BrowserPages) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    await browser.log_in(owner)
    await browser.ask(CSRF)
    former = BrowserPages(browser.http)
    former.cookie, former.csrf = browser.cookie, browser.csrf
    await browser.act(vendorId=gid(vendor))
    assert await former.failed("{ viewer { id } }") == ["UNAUTHENTICATED"]
    assert await browser.ask("{ viewer { id } }") == {"viewer": {"id": gid(owner)}}


async def test_the_role_ends_after_two_hours(
    world: World, browser: BrowserPages, settings: Settings
) -> None:
    owner = await world.user()
    shop = await shop_of(world, owner)
    await browser.log_in(owner)
    await browser.act(vendorId=gid(shop[0]))
    async with world.database.session() as session, session.begin():
        ended = now() - timedelta(seconds=1)
        mine = col(UserSession.acting_vendor_id) == shop[0].id
        await session.exec(update(UserSession).where(mine).values(acting_until=ended))
    await forget_copies(settings.redis)
    assert not await sees(browser, *shop)
    assert (await browser.ask("{ viewer { id } }"))["viewer"] == {"id": gid(owner)}


async def test_only_members_act_for_a_vendor(world: World, browser: BrowserPages) -> None:
    vendor = await world.vendor(await world.user())
    stranger = await world.user()
    await world.vendor(stranger)
    await browser.log_in(stranger)
    for id in (gid(vendor), gid(await world.vendor())):
        payload = await browser.act(vendorId=id)
        assert [error["code"] for error in payload["errors"]] == ["NOT_FOUND"]
    assert await browser.failed(
        "mutation { switchRole(input: {admin: true}) { errors { code } } }"
    ) == ["FORBIDDEN"]


async def test_a_membership_that_ended_gives_no_rights(
    world: World, browser: BrowserPages, api: Client
) -> None:
    admin, member = await world.admin(), await world.user()
    shop = await shop_of(world, await world.user())
    await world.member(shop[0], member, MemberRole.MANAGER)
    await browser.log_in(member)
    await browser.act(vendorId=gid(shop[0]))
    assert await sees(browser, *shop)
    given = {"vendorId": gid(shop[0]), "userId": gid(member)}
    assert await api.signed_in(admin).refusal_codes("removeVendorMember", given) == []
    assert not await sees(browser, *shop)


async def test_an_admin_acts_as_one_on_demand(world: World, browser: BrowserPages) -> None:
    await browser.log_in(await world.admin())
    assert await browser.failed(AUDIT) == ["FORBIDDEN"]
    role = (await browser.act(admin=True))["viewer"]["activeRole"]
    assert (role["admin"], role["vendor"]) == (True, None)
    assert await browser.failed(AUDIT) == []
    await browser.act()
    assert await browser.failed(AUDIT) == ["FORBIDDEN"]


async def test_one_role_at_a_time(world: World, browser: BrowserPages) -> None:
    admin = await world.admin()
    vendor = await world.vendor(admin)
    await browser.log_in(admin)
    payload = await browser.act(vendorId=gid(vendor), admin=True)
    assert [error["code"] for error in payload["errors"]] == ["INVALID_INPUT"]
    browser.csrf = None
    answer = await browser.send("mutation { switchRole(input: {}) { errors { code } } }")
    assert answer["errors"][0]["extensions"]["code"] == "CSRF_TOKEN_WRONG"


async def test_people_of_another_role_are_not_seen(world: World, browser: BrowserPages) -> None:
    """A customer sees no colleagues, and a member of one vendor none of another one."""
    owner, colleague = await world.user(), await world.user()
    vendor, other = await world.vendor(owner), await world.vendor(owner)
    await world.member(vendor, colleague, MemberRole.STAFF)
    node = "query ($id: ID!) { node(id: $id) { id } }"
    await browser.log_in(owner)
    for acting, seen in ((None, False), (other, False), (vendor, True)):
        await browser.act(vendorId=acting and gid(acting))
        assert ((await browser.ask(node, id=gid(colleague)))["node"] is not None) is seen


@pytest.mark.parametrize("role", ["customer", "vendor", "admin"])
async def test_an_impersonation_ends_with_the_role_of_the_admin(
    world: World, browser: BrowserPages, api: Client, role: str
) -> None:
    admin, user = await world.admin(), await world.user()
    vendor = await world.vendor(admin)
    await browser.log_in(admin)
    await browser.act(admin=True)
    given = {"userId": gid(user), "reason": "They asked for help.", "minutes": 15}
    begun = await browser.do("impersonateUser", given, "accessToken")
    client = api.bearing(begun["accessToken"])
    assert await client.failed(ME) == []
    chosen: dict[str, dict[str, Any]] = {
        "customer": {},
        "vendor": {"vendorId": gid(vendor)},
        "admin": {"admin": True},
    }
    assert (await browser.act(**chosen[role]))["errors"] == []
    assert await client.failed(ME) == ([] if role == "admin" else ["UNAUTHENTICATED"])
