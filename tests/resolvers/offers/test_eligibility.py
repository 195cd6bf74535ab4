"""Whether the viewer can claim an offer: its state, its limits and its rules."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import update

from core.clock import now
from models.fraud.links import IdentityLink, LinkKind
from models.offers.offers import Offer, OfferState
from tests.client import Client, gid
from tests.factories.redemptions import Till
from tests.factories.world import World
from tests.resolvers.counting import load_one_by_one, statements
from tests.resolvers.offers.ruled import set_rules
from tests.resolvers.redemptions.test_rules_at_till import failed, household, present

QUERY = """query ($id: ID!) { offer(id: $id) { eligibility {
    canClaim refusal message failing { rule needed given }
} } }"""


@pytest.fixture
async def till(world: World) -> Till:
    return await Till.open(world)


async def eligibility(till: Till, client: Client) -> Any:
    return (await client.ask(QUERY, id=gid(till.offer)))["offer"]["eligibility"]


async def ensure_agrees(till: Till, api: Client, user: Any = None) -> dict[str, Any]:
    """Return what the viewer sees, which is the answer of `claimOffer`."""
    client = api.signed_in(user or till.customer)
    found: dict[str, Any] = await eligibility(till, client)
    input = {"offerId": gid(till.offer), "idempotencyKey": f"key {now()}"}
    answer = await client.do("claimOffer", input, "voucher { id }")
    codes = [(one["code"], one["message"]) for one in answer["errors"]]
    seen = (found["refusal"], found["message"])
    assert codes == ([] if found["canClaim"] else [seen])
    return found


async def test_an_open_offer_can_be_claimed_up_to_its_limit(till: Till, api: Client) -> None:
    assert await ensure_agrees(till, api) == {
        "canClaim": True,
        "refusal": None,
        "message": None,
        "failing": [],
    }
    assert (await ensure_agrees(till, api))["refusal"] == "CLAIM_LIMIT_REACHED"
    assert await eligibility(till, api) is None


@pytest.mark.parametrize(
    ("values", "refusal"),
    [
        ({"starts_at": now() + timedelta(hours=1)}, "OFFER_NOT_STARTED"),
        ({"capacity": 1, "claimed": 1}, "OFFER_SOLD_OUT"),
    ],
)
async def test_the_state_of_an_offer_forbids_claims(
    world: World, api: Client, values: dict[str, Any], refusal: str
) -> None:
    till = await Till.open(world, **values)
    assert (await ensure_agrees(till, api))["refusal"] == refusal


async def test_a_first_visit_is_refused_with_data(till: Till, api: Client, world: World) -> None:
    await set_rules(api, till, firstVisit=True)
    assert (await eligibility(till, api.signed_in(till.customer)))["canClaim"]
    other = await world.voucher(await world.offer(till.vendor, claimed=1), till.customer)
    await present(till, api, other.token)
    found = await ensure_agrees(till, api)
    assert found["refusal"] == "RULE_FAILED"
    assert found["failing"] == [failed("FIRST_VISIT", "0", "1")]
    client = api.signed_in(till.customer)
    input = {"offerId": gid(till.offer), "idempotencyKey": "refused"}
    fields = "errors { code ... on RuleFailed { rule needed given } }"
    answer = await client.do("claimOffer", input, fields)
    (error,) = answer["errors"]
    assert error.items() >= failed("FIRST_VISIT", "0", "1").items()


async def test_a_household_is_refused_on_a_claim(till: Till, api: Client, world: World) -> None:
    await set_rules(api, till, household=True)
    other = await household(world, till)
    voucher = await till.claim(api)
    assert (await present(till, api, voucher.token))["outcome"] == "APPROVED"
    assert (await ensure_agrees(till, api, other))["failing"] == [failed("HOUSEHOLD", "1", "1")]
    stranger = await world.user()
    await world.save(IdentityLink(kind=LinkKind.PHONE, hash=bytes(32), user_id=stranger.id))
    assert (await ensure_agrees(till, api, stranger))["canClaim"]


async def test_all_rules_that_fail_are_listed(till: Till, api: Client, world: World) -> None:
    other = await household(world, till)
    first = await till.claim(api)
    await present(till, api, first.token)
    past = (now() - timedelta(days=3)).date().isoformat()
    await set_rules(api, till, firstVisit=True, household=True, daysHours={"untilDay": past})
    found = await ensure_agrees(till, api, other)
    assert [one["rule"] for one in found["failing"]] == ["DAYS_HOURS"]


@pytest.mark.parametrize("state", [OfferState.PAUSED, OfferState.ARCHIVED])
async def test_an_offer_that_closes_between_the_answer_and_the_claim_is_refused(
    till: Till, api: Client, world: World, state: OfferState
) -> None:
    """Failure 4 of the design: checked early, and again at the end."""
    client = api.signed_in(till.customer)
    assert (await eligibility(till, client))["canClaim"]
    async with world.database.session() as session, session.begin():
        await session.exec(update(Offer).values(state=state))
    input = {"offerId": gid(till.offer), "idempotencyKey": "late"}
    assert await client.refusal_codes("claimOffer", input) == ["OFFER_NOT_CLAIMABLE"]
    assert (await world.fresh(till.offer)).claimed == 0


async def test_a_window_that_ends_after_the_answer_is_refused(
    till: Till, api: Client, world: World
) -> None:
    """Failure 4 of the design."""
    client = api.signed_in(till.customer)
    assert (await eligibility(till, client))["canClaim"]
    async with world.database.session() as session, session.begin():
        await session.exec(update(Offer).values(ends_at=now() - timedelta(seconds=1)))
    input = {"offerId": gid(till.offer), "idempotencyKey": "late"}
    assert await client.refusal_codes("claimOffer", input) == ["OFFER_ENDED"]


PAGE = """query ($n: Int!) { offers(first: $n) { nodes {
    eligibility { canClaim refusal failing { rule needed given } }
    currentTerms { version rules { firstVisit } }
} } }"""


async def test_statements_do_not_grow_with_the_page(
    till: Till, api: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(20):
        other = await Till.open(world)
        await set_rules(api, other, firstVisit=True, household=True)
    client = api.signed_in(till.customer)
    one, twenty = [await statements(client, PAGE, n=n) for n in (1, 20)]
    assert one
    assert len(twenty) == len(one), "\n\n".join(twenty)
    load_one_by_one(monkeypatch)
    grown = await statements(client, PAGE, n=20)
    assert len(grown) > 2 * len(one)
