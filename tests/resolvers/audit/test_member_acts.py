"""Acts on members and invitations in the audit log, with their actors and subjects."""

from models.vendors import MemberRole
from tests.client import Client, gid
from tests.factories.emails import email_of
from tests.factories.members import address, invitation
from tests.factories.world import World
from tests.resolvers.audit.test_identity_acts import log_of


async def test_acts_on_members_are_recorded(world: World, api: Client) -> None:
    owner, person = await world.user(), await world.user()
    vendor = await world.vendor(owner)
    client, here = api.signed_in(owner), api.signed_in(person)
    given = {"vendorId": gid(vendor), "email": address(), "role": "STAFF"}
    made = await client.do("inviteMember", given, "invitation { id }")
    await client.do("revokeInvitation", {"invitationId": made["invitation"]["id"]})
    for name in ("declineInvitation", "acceptInvitation"):
        one = await invitation(world, vendor, owner, email_of(person), MemberRole.STAFF)
        assert await here.refusal_codes(name, one.input) == []
    query = "query ($id: ID!) { vendor(id: $id) { members(last: 1) { nodes { id } } } }"
    (member,) = (await client.ask(query, id=gid(vendor)))["vendor"]["members"]["nodes"]
    role = {"memberId": member["id"], "role": "MANAGER"}
    assert await client.refusal_codes("changeMemberRole", role) == []
    assert await client.refusal_codes("changeMemberRole", role | {"role": "SCANNER"}) == []
    assert await here.refusal_codes("removeMember", {"memberId": member["id"]}) == ["NOT_FOUND"]
    assert await client.refusal_codes("removeMember", {"memberId": member["id"]}) == []
    for act, by, subject in (
        ("INVITE_MEMBER", owner, vendor),
        ("REVOKE_INVITATION", owner, vendor),
        ("DECLINE_INVITATION", person, vendor),
        ("ADD_MEMBER", person, person),
        ("CHANGE_MEMBER_ROLE", owner, person),
        ("REMOVE_MEMBER", owner, person),
    ):
        entry, *_ = await log_of(world, api, act, outcome="DONE")
        assert (entry["actor"]["id"], entry["subjectId"]) == (gid(by), gid(subject)), act
    (refused,) = await log_of(world, api, "REMOVE_MEMBER", outcome="REFUSED")
    assert (refused["code"], refused["actor"]["id"]) == ("NOT_FOUND", gid(person))
