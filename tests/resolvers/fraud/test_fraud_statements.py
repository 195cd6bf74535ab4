"""How many statements cases take: as many for twenty as for one."""

from models.fraud.links import IdentityLink, LinkKind
from tests.client import Client, gid
from tests.factories.fraud import stored_case
from tests.factories.redemptions import Till
from tests.factories.world import World
from tests.resolvers.counting import statements

PARTS = """id caseState riskScore isSampled counterState holdEffect
  riskFactors { factor points value limit } labels { factor } caseNotes(first: 5) { text }
  redemption { outcome reason voucher { state } } vendor { name } takenBy { id } decidedBy { id }"""
LIST = f"query ($n: Int!) {{ fraudCases(first: $n) {{ nodes {{ {PARTS} }} }} }}"
ONE = f"query ($id: ID!) {{ fraudCase(id: $id) {{ {PARTS} }} }}"
RELATED = """query ($n: Int!) { fraudCases(first: $n) {
  nodes { relatedAccounts { hops kinds account { id } } }
} }"""


async def test_twenty_cases_take_the_statements_of_one(world: World, api: Client) -> None:
    till, admin = await Till.open(world), api.signed_in(await world.admin())
    stored = [await stored_case(till) for _ in range(20)]
    await statements(admin, LIST, n=1)
    one, twenty = [await statements(admin, LIST, n=n) for n in (1, 20)]
    assert len(one) == len(twenty) <= 8
    assert len(await statements(admin, ONE, id=gid(stored[0]))) <= 8


async def test_related_accounts_of_twenty_take_the_statements_of_one(
    world: World, api: Client
) -> None:
    till, admin = await Till.open(world), api.signed_in(await world.admin())
    near, far = await world.user(), await world.user()
    await world.save(IdentityLink(kind=LinkKind.PHONE, hash=b"p" * 32, user_id=near.id))
    await world.save(IdentityLink(kind=LinkKind.PHONE, hash=b"p" * 32, user_id=far.id))
    await world.save(IdentityLink(kind=LinkKind.DEVICE, hash=b"d" * 32, user_id=near.id))
    for _ in range(20):
        case = await stored_case(till)
        await world.save(IdentityLink(kind=LinkKind.DEVICE, hash=b"d" * 32, user_id=case.user_id))
    await statements(admin, RELATED, n=1)
    one, twenty = [await statements(admin, RELATED, n=n) for n in (1, 20)]
    assert len(one) == len(twenty) <= 5
    found = (await admin.ask(RELATED, n=20))["fraudCases"]["nodes"]
    for node in found:
        hops = [other["hops"] for other in node["relatedAccounts"]]
        assert hops == [1] * 20 + [2]
