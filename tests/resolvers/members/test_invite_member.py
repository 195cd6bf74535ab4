"""Inviting people to a vendor: the mail, its link, and its limits."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from core.clock import now
from models.identity.accounts import User
from models.members import InvitationState, MemberInvitation
from models.quotas import DailyAct, DailyUse
from models.vendors import MemberRole, Vendor, VendorStatus
from services.members.cleanup import CLEANUP
from tests.client import Client, gid
from tests.factories.emails import email_of
from tests.factories.members import address, invitation, read_invitation
from tests.factories.vendors import new_member
from tests.factories.world import World

FIELDS = "invitation { id email role state invitedBy { id } }"
LISTED = "query ($id: ID!) { vendor(id: $id) { invitations { totalCount nodes { email } } } }"
ASKED = "query ($token: String!) { invitation(token: $token) { role vendor { name } } }"
LINK = "query ($token: String!) { authLink(token: $token) { purpose email accountExists } }"


def invite(vendor: Vendor, email: str, role: str = "STAFF") -> dict[str, Any]:
    return {"vendorId": gid(vendor), "email": email, "role": role}


async def stored(world: World) -> list[MemberInvitation]:
    async with world.database.session() as session:
        return list(await session.exec(select(MemberInvitation)))


async def listed(client: Client, vendor: Vendor) -> list[str]:
    found = (await client.ask(LISTED, id=gid(vendor)))["vendor"]["invitations"]
    assert found["totalCount"] == len(found["nodes"])
    return [one["email"] for one in found["nodes"]]


async def owned(world: World, api: Client) -> tuple[User, Vendor, Client]:
    owner = await world.user()
    return owner, await world.vendor(owner, name="Tea House"), api.signed_in(owner)


async def test_invite_member_sends_a_link_once(world: World, api: Client) -> None:
    new = address()
    owner, vendor, client = await owned(world, api)
    sent = await client.do("inviteMember", invite(vendor, f" {new.title()} "), FIELDS)
    assert sent["errors"] == []
    assert sent["invitation"] | {"id": ""} == {
        "id": "",
        "email": new,
        "role": "STAFF",
        "state": "PENDING",
        "invitedBy": {"id": gid(owner)},
    }
    assert await listed(client, vendor) == [new]
    (row,) = await stored(world)
    mail, token = await read_invitation(world, row)
    assert (mail.to, "“Tea House”" in mail.body) == (new, True)
    assert owner.name not in mail.body
    assert (await stored(world))[0].token_hash not in {None, token.encode()}
    shown = {"role": "STAFF", "vendor": {"name": "Tea House"}}
    assert await api.ask(ASKED, token=token) == {"invitation": shown}
    purpose = {"purpose": "ACCEPT_INVITATION", "email": new, "accountExists": False}
    assert await api.ask(LINK, token=token) == {"authLink": purpose}
    _, newer = await read_invitation(world, row)
    assert await api.ask(ASKED, token=token) == {"invitation": None}
    assert (await api.ask(ASKED, token=newer))["invitation"] == shown


async def test_invitation_mail_is_in_the_language_of_its_reader(world: World, api: Client) -> None:
    """That of the account; without one, that of the inviter."""
    new = address()
    _, vendor, client = await owned(world, api)
    known = await world.user(locale="es")
    for email in (email_of(known), new):
        given = invite(vendor, email)
        assert await client.reading("de").refusal_codes("inviteMember", given) == []
    subjects = {(await read_invitation(world, row))[0].subject for row in await stored(world)}
    assert subjects == {
        "Tienes una invitación a un comercio en Haat",
        "Du bist zu einem Händler auf Haat eingeladen",
    }


async def test_invitation_mail_does_not_name_a_vendor_that_is_not_approved(
    world: World, api: Client
) -> None:
    new = address()
    owner = await world.user()
    vendor = await world.vendor(owner, name="Tea House", status=VendorStatus.PENDING)
    await api.signed_in(owner).do("inviteMember", invite(vendor, new))
    mail, _ = await read_invitation(world, (await stored(world))[0])
    assert "Tea House" not in mail.body


async def test_invite_member_again_replaces_the_invitation(world: World, api: Client) -> None:
    owner, vendor, client = await owned(world, api)
    ended = now() - timedelta(minutes=1)
    person = await world.user()
    old = await invitation(
        world, vendor, owner, email_of(person), MemberRole.SCANNER, expires_at=ended
    )
    assert await listed(client, vendor) == []
    assert await client.refusal_codes("inviteMember", invite(vendor, email_of(person))) == []
    (row,) = await stored(world)
    assert (row.id, row.role, row.is_open) == (old.row.id, MemberRole.STAFF, True)
    assert await api.signed_in(person).refusal_codes("acceptInvitation", old.input) == [
        "INVITATION_ENDED"
    ]


async def test_resend_invitation_replaces_the_link(world: World, api: Client) -> None:
    new = address()
    owner, vendor, client = await owned(world, api)
    soon = now() + timedelta(minutes=1)
    role = MemberRole.STAFF
    old = await invitation(world, vendor, owner, new, role, expires_at=soon)
    assert await client.refusal_codes("resendInvitation", {"invitationId": gid(old.row)}) == []
    assert await api.ask(ASKED, token=old.token) == {"invitation": None}
    (row,) = await stored(world)
    assert row.expires_at > soon
    _, token = await read_invitation(world, row)
    assert (await api.ask(ASKED, token=token))["invitation"] is not None


async def test_revoke_invitation_ends_the_link(world: World, api: Client) -> None:
    owner, vendor, client = await owned(world, api)
    person = await world.user()
    one = await invitation(world, vendor, owner, email_of(person), MemberRole.STAFF)
    given = {"invitationId": gid(one.row)}
    payload = await client.do("revokeInvitation", given, "invitation { state }")
    assert payload["invitation"] == {"state": "REVOKED"}
    assert await client.refusal_codes("revokeInvitation", given) == ["NOT_FOUND"]
    assert await client.refusal_codes("resendInvitation", given) == ["NOT_FOUND"]
    assert await listed(client, vendor) == []
    accepted = await api.signed_in(person).refusal_codes("acceptInvitation", one.input)
    assert accepted == ["INVITATION_ENDED"]


async def test_invite_member_who_is_one_already(world: World, api: Client) -> None:
    _, vendor, client = await owned(world, api)
    member = await new_member(world, vendor, MemberRole.STAFF)
    given = invite(vendor, email_of(member))
    assert await client.refusal_codes("inviteMember", given) == ["ALREADY_MEMBER"]
    assert await client.refusal_codes("inviteMember", invite(vendor, "x")) == ["INVALID_INPUT"]
    assert await stored(world) == []


async def test_invite_member_up_to_the_own_role(world: World, api: Client) -> None:
    boss = address()
    new = address()
    owner, vendor, _ = await owned(world, api)
    manager = api.signed_in(await new_member(world, vendor, MemberRole.MANAGER))
    above = await invitation(world, vendor, owner, boss, MemberRole.OWNER)
    for name, given in (
        ("inviteMember", invite(vendor, new, "OWNER")),
        ("inviteMember", invite(vendor, boss, "STAFF")),
        ("resendInvitation", {"invitationId": gid(above.row)}),
        ("revokeInvitation", {"invitationId": gid(above.row)}),
    ):
        assert await manager.refusal_codes(name, given) == ["ROLE_ABOVE_OWN"]
    given = invite(vendor, new, "MANAGER")
    assert await manager.refusal_codes("inviteMember", given) == []


async def test_invite_member_at_the_limits(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    other_address = address()
    one_address = address()
    owner, vendor, client = await owned(world, api)
    monkeypatch.setattr("services.members.invitations.MAX_OPEN_INVITATIONS", 1)
    one = await invitation(world, vendor, owner, one_address, MemberRole.STAFF)
    given = invite(vendor, other_address)
    assert await client.refusal_codes("inviteMember", given) == ["INVITATION_LIMIT_REACHED"]
    assert await client.refusal_codes("revokeInvitation", {"invitationId": gid(one.row)}) == []
    use = DailyUse(user_id=owner.id, act=DailyAct.INVITATION, day=now().date(), used=19)
    await world.save(use)
    assert await client.refusal_codes("inviteMember", given) == []
    assert await client.refusal_codes("inviteMember", given) == ["DAILY_LIMIT_REACHED"]


async def test_mails_to_an_invited_address_are_limited(world: World, api: Client) -> None:
    """Whichever vendor invites it: a stranger must not get a mail a minute."""
    victim = address()
    codes = []
    for _ in range(4):
        _, vendor, client = await owned(world, api)
        given = invite(vendor, victim)
        query = (
            "mutation ($input: InviteMemberInput!) { inviteMember(input: $input) { __typename } }"
        )
        codes.append(await client.failed(query, input=given))
    assert codes == [[], [], [], ["RATE_LIMITED"]]
    stranger = api.signed_in(await world.user())
    assert await stranger.refusal_codes("inviteMember", given) == ["NOT_FOUND"], "learns nothing"
    assert await api.mutation_failed("inviteMember", given) == ["UNAUTHENTICATED"]


async def test_invite_member_needs_a_recent_proof(world: World, api: Client) -> None:
    other = address()
    new = address()
    owner, vendor, _ = await owned(world, api)
    member = await new_member(world, vendor, MemberRole.STAFF)
    session = await world.session(owner)
    session.signed_in_at = now() - timedelta(hours=1)
    await world.save(session)
    client = api.signed_in(owner, session=session)
    row = await world.member(await world.vendor(owner), member, MemberRole.STAFF)
    sent = await invitation(world, vendor, owner, new, MemberRole.STAFF)
    for name, given in (
        ("inviteMember", invite(vendor, other)),
        ("resendInvitation", {"invitationId": gid(sent.row)}),
        ("changeMemberRole", {"memberId": gid(row, "Member"), "role": "SCANNER"}),
        ("removeMember", {"memberId": gid(row, "Member")}),
    ):
        assert await client.refusal_codes(name, given) == ["STEP_UP_REQUIRED"]


async def test_invitations_are_deleted_after_their_end(world: World) -> None:
    """They hold the address of a person who may have no account."""
    other_address = address()
    one_address = address()
    owner = await world.user()
    vendor, ended = await world.vendor(owner), now() - timedelta(minutes=1)
    for email, values in ((one_address, {"expires_at": ended}), (other_address, {})):
        await invitation(world, vendor, owner, email, MemberRole.STAFF, **values)
    async with world.database.session() as session, session.begin():
        for task in CLEANUP:
            await task(session, 7)
    assert [email_of(one) for one in await stored(world)] == [other_address]
    assert (await stored(world))[0].state is InvitationState.PENDING
