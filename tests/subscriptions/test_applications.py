"""Changes of applications and of a vendor's status, for those who may see them."""

from typing import Any

from models.applications import VendorApplication
from models.identity.accounts import Role, User
from services.journal.topics import APPLICATIONS_TOPIC
from tests.client import Client, gid
from tests.factories.world import World
from tests.resolvers.applications.applying import decision
from tests.subscriptions.conftest import Shop
from tests.subscriptions.subscription_client import SubscriptionClient

APPLICATIONS = """subscription ($after: String) {
  vendorApplicationChanges(after: $after) { cursor application { id state revision taxId } }
}"""
STATUS = """subscription ($vendorId: ID!, $after: String) {
  vendorStatusChanges(vendorId: $vendorId, after: $after) { cursor vendor { id status } }
}"""
OWN = "{ vendorApplications { changesAfter } }"


async def subscribed(shop: Shop, user: User | None, query: str, **variables: Any) -> Any:
    url = str(shop.api.http.base_url.join("/graphql"))
    tokens = []
    if user:
        admin = user.role is Role.ADMIN
        tokens = [shop.api.keys.sign_access(user.id, user.id, 15, admin=admin)[0]]
    asked = {"url": url, "transport": "sse", "tokens": tokens, "query": query}
    return await shop.start(**asked, variables=variables)


async def program(shop: Shop, world: World) -> SubscriptionClient:
    """Follow the customer's applications with an API token."""
    _, secret = await world.api_token(shop.customer)
    url = str(shop.api.http.base_url.join("/graphql"))
    asked = {"url": url, "transport": "sse", "tokens": [secret], "query": APPLICATIONS}
    return await shop.start(**asked, variables={})


async def applied(shop: Shop, world: World) -> VendorApplication:
    """Return an application of the customer for another vendor."""
    return await world.application(shop.customer, await world.vendor(shop.customer))


async def decide(admin: Client, name: str, application: VendorApplication) -> None:
    read = {"id": gid(application), "revision": application.revision}
    assert await admin.refusal_codes(name, decision(name, read)) == []


async def after(client: Client) -> str:
    cursor: str = (await client.ask(OWN))["vendorApplications"]["changesAfter"]
    return cursor


async def test_the_applicant_and_admins_follow_applications(shop: Shop, world: World) -> None:
    """From the cursor of the list on: each sees the same, but of their own applications alone."""
    admin_user, application = await world.admin(), await applied(shop, world)
    admin, applicant = shop.api.signed_in(admin_user), shop.api.signed_in(shop.customer)
    other = shop.api.signed_in(shop.owner)
    places = {
        user: await after(client)
        for user, client in (
            (admin_user.id, admin),
            (shop.customer.id, applicant),
            (shop.owner.id, other),
        )
    }
    await decide(admin, "requestVendorChanges", application)
    for user in (admin_user, shop.customer):
        follower = await subscribed(shop, user, APPLICATIONS, after=places[user.id])
        (change,) = await follower.received(1)
        assert change["application"] == {
            "id": gid(application),
            "state": "CHANGES_REQUESTED",
            "revision": 1,
            "taxId": "27AAPFU0939F1ZV",
        }
    own = await world.application(shop.owner, await world.vendor(shop.owner))
    await decide(admin, "approveVendor", own)
    follower = await subscribed(shop, shop.owner, APPLICATIONS, after=places[shop.owner.id])
    (change,) = await follower.received(1)
    assert (change["application"]["id"], change["application"]["state"]) == (gid(own), "APPROVED")


async def test_a_former_admin_follows_no_applications(shop: Shop, world: World) -> None:
    admin_user, application = await world.admin(), await applied(shop, world)
    start = await shop.cursor(APPLICATIONS_TOPIC)
    follower = await subscribed(shop, admin_user, APPLICATIONS, after=start)
    await follower.connected()
    admin_user.role = Role.USER
    await world.save(admin_user)
    admin = shop.api.signed_in(await world.admin())
    await decide(admin, "approveVendor", application)
    await follower.ended()
    assert (follower.codes, follower.changes) == (["NOT_FOUND"], [])


async def test_members_follow_the_status_of_their_vendor(shop: Shop, world: World) -> None:
    start = await shop.cursor(shop.topic)
    follower = await subscribed(shop, shop.owner, STATUS, vendorId=gid(shop.vendor), after=start)
    admin = shop.api.signed_in(await world.admin())
    given = {"vendorId": gid(shop.vendor)}
    suspended = await admin.refusal_codes("suspendVendor", given | {"reason": "Complaints."})
    assert suspended == []
    assert (await follower.received(1))[0]["vendor"]["status"] == "SUSPENDED"
    assert await admin.refusal_codes("restoreVendor", given) == []
    assert (await follower.received(2))[1]["vendor"]["status"] == "APPROVED"


async def test_others_follow_neither(shop: Shop, world: World) -> None:
    followers: list[tuple[SubscriptionClient, str]] = [
        (await subscribed(shop, None, APPLICATIONS), "UNAUTHENTICATED"),
        (await subscribed(shop, None, STATUS, vendorId=gid(shop.vendor)), "UNAUTHENTICATED"),
        (await subscribed(shop, shop.customer, STATUS, vendorId=gid(shop.vendor)), "NOT_FOUND"),
        (await program(shop, world), "FORBIDDEN"),
    ]
    for follower, code in followers:
        await follower.ended()
        assert (follower.codes, follower.changes) == ([code], [])
