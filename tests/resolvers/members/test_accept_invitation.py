"""Answering an invitation, as the person who was invited and as others."""

from datetime import timedelta

import pytest
from sqlmodel import select

from core.clock import now
from models.notifications.inbox import Notification, NotificationKind
from models.vendors import MemberRole, VendorMember
from tests.client import Client, gid
from tests.factories.emails import email_of, give_email
from tests.factories.identity import PASSWORD
from tests.factories.members import SentInvitation, address, invitation
from tests.factories.world import World
from tests.resolvers.admins.deciding import suspension
from tests.resolvers.identity.mailbox import read_mail

STAFF = MemberRole.STAFF


async def roles(world: World) -> dict[str, MemberRole]:
    async with world.database.session() as session:
        return {gid(one, "Member"): one.role for one in await session.exec(select(VendorMember))}


async def invited(world: World, email: str, role: MemberRole = STAFF) -> SentInvitation:
    owner = await world.user()
    return await invitation(world, await world.vendor(owner), owner, email, role)


async def test_accept_invitation_makes_a_member_once(world: World, api: Client) -> None:
    owner, person = await world.user(), await world.user()
    vendor = await world.vendor(owner)
    one = await invitation(world, vendor, owner, email_of(person), STAFF)
    client = api.signed_in(person)
    payload = await client.do("acceptInvitation", one.input, "vendor { id viewerRole }")
    assert payload == {"vendor": {"id": gid(vendor), "viewerRole": "STAFF"}, "errors": []}
    assert await client.refusal_codes("acceptInvitation", one.input) == ["INVITATION_ENDED"]
    assert (await world.fresh(one.row)).state == "ACCEPTED"
    async with world.database.session() as session:
        (notice,) = await session.exec(select(Notification))
    assert (notice.user_id, notice.kind, notice.subject_id) == (
        owner.id,
        NotificationKind.INVITATION_ACCEPTED,
        vendor.id,
    )


async def test_accept_invitation_of_another_address(world: World, api: Client) -> None:
    """A forwarded mail makes no one else a member, and the link stays valid for its recipient."""
    person = await world.user()
    one = await invited(world, email_of(person))
    for other in (await world.user(), await world.admin()):
        assert await api.signed_in(other).refusal_codes("acceptInvitation", one.input) == [
            "WRONG_RECIPIENT"
        ]
    assert await api.mutation_failed("acceptInvitation", one.input) == ["UNAUTHENTICATED"]
    assert await api.signed_in(person).refusal_codes("acceptInvitation", one.input) == []


async def test_accept_invitation_of_one_vendor_leaves_the_other(world: World, api: Client) -> None:
    person = await world.user()
    one, other = await invited(world, email_of(person)), await invited(world, email_of(person))
    for each in (one, other):
        assert await api.signed_in(person).refusal_codes("acceptInvitation", each.input) == []


async def test_accept_invitation_after_registering(world: World, api: Client) -> None:
    email = "newcomer@haat.example"
    one = await invited(world, email)
    draft = {"email": email, "password": PASSWORD, "name": "Asha"}
    assert await api.refusal_codes("register", draft) == []
    proof = await read_mail(world, email)
    given = {"token": proof.token, "password": PASSWORD}
    made = await api.do("verifyEmail", given, "session { accessToken }")
    client = api.bearing(made["session"]["accessToken"])
    assert await client.refusal_codes("acceptInvitation", one.input) == []


@pytest.mark.parametrize("change", ["removed", "demoted"])
async def test_accept_invitation_of_a_member_who_may_not_invite_any_more(
    world: World, api: Client, change: str
) -> None:
    owner, manager, person = await world.user(), await world.user(), await world.user()
    vendor = await world.vendor(owner)
    member = await world.member(vendor, manager, MemberRole.MANAGER)
    one = await invitation(world, vendor, manager, email_of(person), STAFF)
    kept = await invitation(world, vendor, owner, "kept@haat.example", STAFF)
    given = {"memberId": gid(member, "Member")}
    client = api.signed_in(owner)
    if change == "removed":
        assert await client.refusal_codes("removeMember", given) == []
    else:
        assert await client.refusal_codes("changeMemberRole", given | {"role": "STAFF"}) == []
    assert (await world.fresh(one.row)).state == "REVOKED"
    assert (await world.fresh(kept.row)).state == "PENDING"
    assert await api.signed_in(person).refusal_codes("acceptInvitation", one.input) == [
        "INVITATION_ENDED"
    ]


async def test_accept_invitation_of_a_suspended_member(world: World, api: Client) -> None:
    owner, manager, person = await world.user(), await world.user(), await world.user()
    vendor = await world.vendor(owner)
    await world.member(vendor, manager, MemberRole.MANAGER)
    one = await invitation(world, vendor, manager, email_of(person), STAFF)
    here, client = api.signed_in(await world.admin()), api.signed_in(person)
    assert await here.refusal_codes("suspendUser", suspension(manager)) == []
    for name in ("acceptInvitation", "declineInvitation"):
        assert await client.refusal_codes(name, one.input) == ["INVITATION_ENDED"]
    assert await here.refusal_codes("restoreUser", {"userId": gid(manager)}) == []
    assert await client.refusal_codes("acceptInvitation", one.input) == []


async def test_accept_invitation_whose_inviter_has_not_the_role(world: World, api: Client) -> None:
    """The rows are those that a mutation would have revoked."""
    owner, manager, person = await world.user(), await world.user(), await world.user()
    vendor = await world.vendor(owner)
    await world.member(vendor, manager, MemberRole.MANAGER)
    client = api.signed_in(person)
    for inviter, role in ((await world.user(), STAFF), (manager, MemberRole.OWNER)):
        one = await invitation(world, vendor, inviter, email_of(person), role)
        assert await client.refusal_codes("acceptInvitation", one.input) == ["INVITATION_ENDED"]
        await world.delete(one.row)


async def test_accept_invitation_after_its_end_or_another_way_in(world: World, api: Client) -> None:
    owner, person = await world.user(), await world.user()
    ended = now() - timedelta(seconds=1)
    vendor = await world.vendor(owner)
    late = await invitation(world, vendor, owner, email_of(person), STAFF, expires_at=ended)
    client = api.signed_in(person)
    assert await client.refusal_codes("acceptInvitation", late.input) == ["INVITATION_ENDED"]
    shop = await world.vendor(owner)
    one = await invitation(world, shop, owner, email_of(person), MemberRole.OWNER)
    given = {"vendorId": gid(shop), "user": {"id": gid(person)}, "role": "SCANNER"}
    assert await api.signed_in(await world.admin()).refusal_codes("addVendorMember", given) == []
    assert await client.refusal_codes("acceptInvitation", one.input) == ["INVITATION_ENDED"]
    assert set((await roles(world)).values()) == {MemberRole.OWNER, MemberRole.SCANNER}


async def test_accept_invitation_as_a_member_who_took_the_address_since(
    world: World, api: Client
) -> None:
    """The role stays, also if the invitation gave a higher one."""
    person = await world.user()
    owner, email = await world.user(), address()
    vendor = await world.vendor(owner)
    await world.member(vendor, person, STAFF)
    one = await invitation(world, vendor, owner, email, MemberRole.OWNER)
    give_email(world.sealer, person, email)
    await world.save(person)
    client = api.signed_in(person)
    payload = await client.do("acceptInvitation", one.input, "vendor { viewerRole }")
    assert payload == {"vendor": {"viewerRole": "STAFF"}, "errors": []}
    assert (await world.fresh(one.row)).state == "ACCEPTED"
    assert await client.refusal_codes("acceptInvitation", one.input) == ["INVITATION_ENDED"]


async def test_decline_invitation_needs_the_link_alone(world: World, api: Client) -> None:
    person = await world.user()
    one = await invited(world, email_of(person))
    assert await api.refusal_codes("declineInvitation", one.input) == []
    assert (await world.fresh(one.row)).state == "DECLINED"
    for name in ("declineInvitation", "acceptInvitation"):
        client = api.signed_in(person)
        assert await client.refusal_codes(name, one.input) == ["INVITATION_ENDED"]
