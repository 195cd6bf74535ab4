"""Rights to fraud cases: reviewers see factors; customers and tills see the outcome alone."""

from typing import Any

from graphql import GraphQLObjectType, GraphQLSchema

from core.clock import now
from models.fraud.links import IdentityLink, LinkKind
from models.vendors import MemberRole
from tests.client import Client, gid
from tests.factories.fraud import cases, decision, manager_of, present, stored_case
from tests.factories.redemptions import Till
from tests.factories.world import World

CASE = "query ($id: ID!) { fraudCase(id: $id) { id riskFactors { factor } } }"
QUEUE = """query ($vendorId: ID) { fraudCases(where: {vendorId: $vendorId}) { nodes { id } } }"""
SETTINGS = "query ($vendorId: ID) { fraudSettings(vendorId: $vendorId) { baseVersion } }"
RELATED = """query ($id: ID!) { fraudCase(id: $id) {
  relatedAccounts { hops kinds account { id } }
} }"""


async def others(world: World, till: Till) -> list[Any]:
    """Return those who may not review: lower roles, the customer, another vendor's owner."""
    owner = await world.user()
    await world.vendor(owner)
    lower = [await manager_of(world, till.vendor, role) for role in (MemberRole.STAFF,)]
    return [*lower, till.scanner, till.customer, owner]


async def test_others_see_and_change_no_case(world: World, api: Client) -> None:
    till = await Till.open(world)
    case = await stored_case(till)
    for user in await others(world, till):
        client = api.signed_in(user)
        assert await client.ask(CASE, id=gid(case)) == {"fraudCase": None}
        found = await client.ask(QUEUE, vendorId=gid(till.vendor))
        assert found["fraudCases"]["nodes"] == []
        assert await client.failed(QUEUE) == ["FORBIDDEN"]
        taken = {"caseId": gid(case)}
        assert await client.refusal_codes("takeFraudCase", taken) == ["NOT_FOUND"]
        assert await client.refusal_codes("decideFraudCase", decision(case)) == ["NOT_FOUND"]
        note = taken | {"text": "A note"}
        assert await client.refusal_codes("addFraudCaseNote", note) == ["NOT_FOUND"]
        assert await client.failed(SETTINGS, vendorId=gid(till.vendor)) == ["NOT_FOUND"]
    (stored,) = await cases(world)
    assert (stored.taken_by_id, stored.decision) == (None, None)


async def test_anonymous_callers_are_asked_to_sign_in(world: World, api: Client) -> None:
    case = await stored_case(await Till.open(world))
    assert await api.failed(CASE, id=gid(case)) == ["UNAUTHENTICATED"]
    assert await api.failed(QUEUE) == ["UNAUTHENTICATED"]
    for name, input in (
        ("takeFraudCase", {"caseId": gid(case)}),
        ("decideFraudCase", decision(case)),
        ("addFraudCaseNote", {"caseId": gid(case), "text": "A note"}),
    ):
        assert await api.mutation_failed(name, input) == ["UNAUTHENTICATED"]


async def test_the_member_who_scanned_may_not_decide(world: World, api: Client) -> None:
    till = await Till.open(world)
    manager = await manager_of(world, till.vendor)
    await present(Till(world, till.vendor, manager, till.customer, till.offer), api)
    (case,) = await cases(world)
    client = api.signed_in(manager)
    assert await client.refusal_codes("decideFraudCase", decision(case)) == ["OWN_SCAN"]
    assert await client.refusal_codes("takeFraudCase", {"caseId": gid(case)}) == ["OWN_SCAN"]
    colleague = api.signed_in(await manager_of(world, till.vendor))
    assert await colleague.refusal_codes("decideFraudCase", decision(case)) == []


async def test_the_holder_may_not_decide(world: World, api: Client) -> None:
    till = await Till.open(world)
    manager = await manager_of(world, till.vendor)
    await present(Till(world, till.vendor, till.scanner, manager, till.offer), api)
    (case,) = await cases(world)
    codes = await api.signed_in(manager).refusal_codes("decideFraudCase", decision(case))
    assert codes == ["OWN_SCAN"]


async def test_admins_decide(world: World, api: Client) -> None:
    case = await stored_case(await Till.open(world))
    admin = api.signed_in(await world.admin())
    assert await admin.refusal_codes("decideFraudCase", decision(case, "REJECTED")) == []


async def test_related_accounts_are_for_admins(world: World, api: Client) -> None:
    till = await Till.open(world)
    case = await stored_case(till)
    near, far, shared = await world.user(), await world.user(), await world.user()
    hub = [await world.user() for _ in range(101)]

    async def link(kind: LinkKind, value: bytes, *user_ids: Any) -> None:
        await world.save(
            *(
                IdentityLink(kind=kind, hash=value * 32, user_id=id, first_at=now(), last_at=now())
                for id in user_ids
            )
        )

    await link(LinkKind.DEVICE, b"d", case.user_id, near.id)
    await link(LinkKind.PHONE, b"p", near.id, far.id)
    await link(LinkKind.ADDRESS, b"a", case.user_id, shared.id, *(one.id for one in hub))
    admin = api.signed_in(await world.admin())
    found = (await admin.ask(RELATED, id=gid(case)))["fraudCase"]["relatedAccounts"]
    assert found == [
        {"hops": 1, "kinds": ["DEVICE"], "account": {"id": gid(near)}},
        {"hops": 2, "kinds": ["PHONE"], "account": {"id": gid(far)}},
    ]
    manager = api.signed_in(await manager_of(world, till.vendor))
    assert (await manager.ask(RELATED, id=gid(case)))["fraudCase"] == {"relatedAccounts": None}


def test_a_redemption_shows_nothing_of_its_score(graph: GraphQLSchema) -> None:
    """Customers see redemptions and vouchers, and learn the outcome alone."""
    hidden = {
        "score",
        "riskScore",
        "measures",
        "advised",
        "riskFactors",
        "counterState",
        "fraudCase",
    }
    for name in ("Redemption", "Voucher"):
        shown = graph.type_map[name]
        assert isinstance(shown, GraphQLObjectType)
        assert not hidden & shown.fields.keys()


async def test_admins_decide_nothing_about_their_own_vendor(world: World, api: Client) -> None:
    till, admin = await Till.open(world), await world.admin()
    case = await stored_case(till)
    await world.member(till.vendor, admin, MemberRole.OWNER)
    client = api.signed_in(admin)
    assert await client.refusal_codes("takeFraudCase", {"caseId": gid(case)}) == ["OWN_VENDOR"]
    assert await client.refusal_codes("decideFraudCase", decision(case)) == ["OWN_VENDOR"]
