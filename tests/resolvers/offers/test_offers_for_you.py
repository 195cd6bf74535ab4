"""Offers ranked for the viewer: their order, their reasons, and pages that stay as they are."""

from datetime import timedelta
from typing import Any

import pytest
from starlette.applications import Starlette

from core.clock import now
from models.identity.accounts import User
from models.offers.offers import DiscountKind, Offer, OfferState
from models.redemptions import VoucherState
from models.scopes import ApiScope
from models.vendors import MemberRole, Vendor
from services.offers.for_you.kept_lists import MAX_KEPT_LISTS, KeptLists
from tests.apps import endpoint_of
from tests.client import Client, gid
from tests.factories.vendors import BENGALURU
from tests.factories.world import World
from tests.resolvers.browsing import OFFERS, around, offer_ids
from tests.resolvers.counting import load_one_by_one, statements
from tests.resolvers.paging import walk

NOWHERE = "redis://127.0.0.1:1"
REASONS = """query (
  $where: OfferWhere, $near: NearInput, $orderBy: OfferOrder = FOR_YOU, $first: Int, $after: String,
  $search: String
) { offers(
  where: $where, near: $near, orderBy: $orderBy, first: $first, after: $after, search: $search
) {
  edges { cursor reasons { kind points text } node { id } } pageInfo { endCursor hasNextPage }
} }"""
FULL = """query ($first: Int!, $near: NearInput) {
  offers(orderBy: FOR_YOU, first: $first, near: $near) { edges {
    reasons { kind } node { likedByMe eligibility { canClaim } viewerVoucher { id } likeCount }
  } }
}"""
SWITCH = "viewer { personalOffers }"
RANKED: dict[str, Any] = {"orderBy": "FOR_YOU"}


async def reasons(client: Client, **asked: Any) -> dict[str, list[str]]:
    """Return the kinds of the reasons of each offer, by its id, in the order of the list."""
    edges = (await client.ask(REASONS, **asked))["offers"]["edges"]
    return {one["node"]["id"]: [it["kind"] for it in one["reasons"]] for one in edges}


async def end_of_page(client: Client, **asked: Any) -> str:
    page = (await client.ask(REASONS, first=2, **asked))["offers"]["pageInfo"]
    assert page["hasNextPage"]
    return str(page["endCursor"])


async def switch(client: Client, *, enabled: bool) -> Any:
    return await client.do("updatePersonalOffers", {"enabled": enabled}, SWITCH)


@pytest.fixture
def kept(app: Starlette) -> KeptLists:
    return endpoint_of(app).app.kept_lists


@pytest.fixture
def without_redis(kept: KeptLists, monkeypatch: pytest.MonkeyPatch) -> KeptLists:
    dead = KeptLists(NOWHERE)
    for name in ("_redis", "_keep", "_forget"):
        monkeypatch.setattr(kept, name, getattr(dead, name))
    return kept


async def some_offers(world: World, number: int = 6, **values: Any) -> list[Offer]:
    vendor = await world.vendor()
    return [await world.offer(vendor, **values) for _ in range(number)]


async def test_what_the_viewer_likes_and_used_comes_first(world: World, api: Client) -> None:
    user, other = await world.user(), await world.user()
    liking, using, neither = [await world.vendor() for _ in range(3)]
    old = {"published_at": now() - timedelta(days=100)}
    past = await world.offer(using, state=OfferState.EXPIRED, ends_at=now() - timedelta(hours=1))
    await world.voucher(past, user, state=VoucherState.REDEEMED, redeemed_at=now())
    offer, liked, used = [await world.offer(one, **old) for one in (neither, liking, using)]
    await world.like(liked, user)
    await world.rank_offers()
    assert await reasons(api.signed_in(user)) == {
        gid(used): ["USED_CATEGORY"],
        gid(liked): ["LIKED_CATEGORY", "POPULAR"],
        gid(offer): [],
    }
    first, *_ = await reasons(api.signed_in(other))
    assert first == gid(liked), "which is popular"


async def test_near_offers_come_first_within_the_circle(world: World, api: Client) -> None:
    client = api.signed_in(await world.user())
    places = [(13.05, 77.6), (12.98, 77.6), (28.6, 77.2), (12.9717, 77.5947)]
    vendors = [await world.vendor(latitude=one, longitude=two) for one, two in places]
    far, near, _, here = [await world.offer(vendor) for vendor in vendors]
    found = await reasons(client, near=around(*BENGALURU, withinKm=20))
    assert [*found] == [gid(here), gid(near), gid(far)]
    assert found[gid(here)] == ["NEAR", "NEW"]
    edges = await client.ask(OFFERS, orderBy="FOR_YOU", near=around(*BENGALURU, withinKm=20))
    distances = [one["distanceMeters"] for one in edges["offers"]["edges"]]
    assert distances == sorted(distances)
    assert distances[0] < 50


async def test_the_reasons_have_points_and_a_text(world: World, api: Client) -> None:
    client = api.signed_in(await world.user())
    await some_offers(world, 1)
    (edge,) = (await client.ask(REASONS))["offers"]["edges"]
    assert edge["reasons"] == [{"kind": "NEW", "points": 31, "text": "New"}]
    german = client.reading("de")
    (edge,) = (await german.ask(REASONS))["offers"]["edges"]
    assert edge["reasons"][0]["text"] == "Neu"
    (edge,) = (await client.ask(REASONS, orderBy="NEWEST"))["offers"]["edges"]
    assert edge["reasons"] == []


async def test_others_get_the_offers_by_quality(world: World, api: Client) -> None:
    """Anonymous callers, API tokens, and users who have turned it off: with pages of their own."""
    user = await world.user()
    offers = await some_offers(world, 5)
    for number, offer in enumerate(offers):
        await world.like(offer, *[await world.user() for _ in range(number)])
    await world.rank_offers()
    best = [gid(one) for one in reversed(offers)]
    _, secret = await world.api_token(user, ApiScope.OFFERS_READ)
    assert (await switch(api.signed_in(user), enabled=False))["viewer"] == {"personalOffers": False}
    for client in (api, api.signed_in(user), api.bearing(secret)):
        for near in (None, around(*BENGALURU)):
            found = await reasons(client, near=near)
            assert found == {one: ["NOT_PERSONAL"] for one in best}
            assert [*found] == best
            assert await walk(client, OFFERS, "offers", first=2, near=near, **RANKED) == best
            assert await walk(client, OFFERS, "offers", last=2, near=near, **RANKED) == best
            assert await offer_ids(client, near=near, **RANKED) == best


async def test_pages_stay_while_scores_change(world: World, api: Client) -> None:
    user = await world.user()
    client = api.signed_in(user)
    offers = iter(await some_offers(world, 20))

    async def change() -> None:
        await some_offers(world, 1)
        await world.like(next(offers), user, await world.user())
        await world.rank_offers()

    for size in ("first", "last"):
        expected = await offer_ids(client, first=100, **RANKED)
        found = await walk(client, OFFERS, "offers", between=change, **{size: 4}, **RANKED)
        assert found == expected, "no doubles, none lost, none new"
        assert len(found) >= 20


async def test_between_two_cursors(world: World, api: Client) -> None:
    client = api.signed_in(await world.user())
    await some_offers(world, 6)
    edges = (await client.ask(REASONS))["offers"]["edges"]
    cursors, ids = ([one["cursor"] for one in edges], [one["node"]["id"] for one in edges])
    between = {"after": cursors[0], "before": cursors[4]}
    assert await walk(client, OFFERS, "offers", first=2, **between, **RANKED) == ids[1:4]
    other = (await client.ask(REASONS))["offers"]["edges"]
    between = {"after": cursors[0], "before": other[4]["cursor"]}
    assert await client.failed(OFFERS, **between, **RANKED) == ["BAD_USER_INPUT"]
    newest = (await client.ask(REASONS, orderBy="NEWEST"))["offers"]["edges"]
    for wrong in (newest[0]["cursor"], "nonsense", ""):
        assert await client.failed(OFFERS, after=wrong, **RANKED) == ["BAD_USER_INPUT"]
        between = {"after": cursors[0], "before": wrong}
        assert await client.failed(OFFERS, **between, **RANKED) == ["BAD_USER_INPUT"]
    assert await client.failed(OFFERS, after=cursors[0], orderBy="NEWEST") == ["BAD_USER_INPUT"]
    moved = {"near": around(*BENGALURU), "after": cursors[0]}
    assert await client.failed(OFFERS, **moved, **RANKED) == ["BAD_USER_INPUT"]


async def test_offers_that_are_gone_are_on_no_page(world: World, api: Client) -> None:
    """They may end, be paused, lose their vendor, or no longer fulfil the conditions."""
    client = api.signed_in(await world.user())
    vendors: list[Vendor] = [await world.vendor() for _ in range(6)]
    offers = {vendor.id: await world.offer(vendor) for vendor in vendors}
    where = {"discountKinds": ["PERCENT"]}
    ids = [*await reasons(client, where=where)]
    cursor = (await client.ask(REASONS, first=1, where=where))["offers"]["pageInfo"]["endCursor"]
    left = {gid(offer): offer for offer in offers.values()}
    ended, paused, suspended, changed, stays = (left[one] for one in ids[1:])
    admin, owner = await world.admin(), await world.user()
    (closing,) = (one for one in vendors if one.id == paused.vendor_id)
    await world.member(closing, owner, MemberRole.OWNER)
    assert await api.signed_in(owner).refusal_codes("pauseOffer", {"offerId": gid(paused)}) == []
    (vendor,) = (one for one in vendors if one.id == suspended.vendor_id)
    input = {"vendorId": gid(vendor), "reason": "Fraud"}
    assert await api.signed_in(admin).refusal_codes("suspendVendor", input) == []
    changed.discount_kind, changed.percent = DiscountKind.FREE_ITEM, None
    changed.free_item = {"en": "Tea"}
    ended.ends_at = now() + timedelta(milliseconds=1)
    await world.save(changed, ended)
    while now() <= ended.ends_at:
        pass
    assert [*await reasons(client, where=where, after=cursor)] == [gid(stays)]


@pytest.mark.parametrize(
    "where", [{"discountAtLeast": 50}, {"likedByMe": True}, {"pinCode": "560 001"}]
)
async def test_conditions_hold_in_each_list(
    world: World, api: Client, where: dict[str, Any]
) -> None:
    user = await world.user()
    vendor = await world.vendor(pin_code="560002")
    await world.offer(vendor)
    chosen = await world.offer(vendor, percent=60, pin_codes=["560001"])
    await world.like(chosen, user)
    client = api.signed_in(user)
    for near in (None, around(*BENGALURU)):
        assert [*await reasons(client, where=where, near=near)] == [gid(chosen)]
        assert await offer_ids(client, where=where, near=near, **RANKED) == [gid(chosen)]


async def test_offers_of_a_liked_category_are_found_behind_200_newer_ones(
    world: World, api: Client
) -> None:
    user = await world.user()
    dear, other = await world.vendor(), await world.vendor()
    for _ in range(5):
        offer = await world.offer(dear, published_at=now() - timedelta(days=300))
        await world.like(offer, user)
    for _ in range(202):
        await world.offer(other, published_at=now() - timedelta(days=60))
    client = api.signed_in(user)
    found = await walk(client, OFFERS, "offers", first=100, **RANKED)
    assert len(found) == 200
    assert found[0] == gid(offer)
    page = await client.ask("{ offers(orderBy: FOR_YOU) { totalCount totalCountIsExact } }")
    assert page["offers"] == {"totalCount": 200, "totalCountIsExact": False}


@pytest.mark.parametrize(
    "asked", [{"search": "coffee"}, {"where": {"states": ["PAUSED"]}}], ids=str
)
async def test_what_cannot_be_ranked_is_refused(
    world: World, api: Client, asked: dict[str, Any]
) -> None:
    for client in (api, api.signed_in(await world.user())):
        assert await client.failed(REASONS, **asked) == ["BAD_USER_INPUT"]


async def test_a_list_that_is_not_kept_has_expired(
    world: World, api: Client, kept: KeptLists
) -> None:
    user = await world.user()
    client = api.signed_in(user)
    await some_offers(world)
    cursor = await end_of_page(client)
    assert await client.failed(REASONS, after=cursor) == []
    await kept.forget(user.id)
    assert await client.failed(REASONS, after=cursor) == ["CURSOR_EXPIRED"]


async def test_a_list_ends_with_its_time_and_with_newer_ones(
    world: World, api: Client, kept: KeptLists
) -> None:
    user: User = await world.user()
    client = api.signed_in(user)
    await some_offers(world)
    cursors = [await end_of_page(client) for _ in range(MAX_KEPT_LISTS)]
    for cursor in cursors:
        assert await client.failed(REASONS, after=cursor) == []
    cursors.append(await end_of_page(client))
    assert await client.failed(REASONS, after=cursors[0]) == ["CURSOR_EXPIRED"]
    assert await client.failed(REASONS, after=cursors[1]) == []
    names = await kept._redis.keys(f"haat:for_you:{user.id}*")
    assert len(names) == MAX_KEPT_LISTS + 1
    for name in names:
        assert 0 < await kept._redis.ttl(name) <= 600
    await kept._redis.delete(*names)
    assert await client.failed(REASONS, after=cursors[-1]) == ["CURSOR_EXPIRED"]


async def test_other_users_do_not_get_a_list_by_its_cursor(world: World, api: Client) -> None:
    owner, stranger = await world.user(), await world.user()
    await some_offers(world)
    cursor = await end_of_page(api.signed_in(owner))
    assert await api.signed_in(stranger).failed(REASONS, after=cursor) == ["CURSOR_EXPIRED"]
    assert await api.failed(REASONS, after=cursor) == ["BAD_USER_INPUT"]


async def test_turning_it_off_deletes_the_lists(world: World, api: Client, kept: KeptLists) -> None:
    user = await world.user()
    client = api.signed_in(user)
    await some_offers(world)
    cursor = await end_of_page(client)
    assert (await client.ask("{ viewer { personalOffers } }"))["viewer"] == {"personalOffers": True}
    for _ in range(2):
        answer = await switch(client, enabled=False)
        assert answer == {"errors": [], "viewer": {"personalOffers": False}}
    assert await kept._redis.keys(f"haat:for_you:{user.id}*") == []
    assert await client.failed(REASONS, after=cursor) == ["CURSOR_EXPIRED"]
    general = await end_of_page(client)
    await switch(client, enabled=True)
    assert ["NOT_PERSONAL"] not in (await reasons(client)).values()
    found = await reasons(client, after=general)
    assert [*found.values()] == [["NOT_PERSONAL"]] * 4, "the rest of the list it belongs to"


async def test_the_switch_is_checked_for_a_list_that_is_still_kept(
    world: World, api: Client
) -> None:
    """Another process may keep a list just after the user's were deleted."""
    user = await world.user()
    client = api.signed_in(user)
    await some_offers(world)
    cursor = await end_of_page(client)
    await world.change(user, personal_offers=False)
    assert await client.failed(REASONS, after=cursor) == ["CURSOR_EXPIRED"]


async def test_the_switch_is_the_users_own(world: World, api: Client) -> None:
    user, other = await world.user(), await world.user()
    assert await api.mutation_failed("updatePersonalOffers", {"enabled": False}) == [
        "UNAUTHENTICATED"
    ]
    await switch(api.signed_in(other), enabled=False)
    assert (await world.fresh(user)).personal_offers
    query = "query ($id: ID!) { node(id: $id) { ... on User { personalOffers } } }"
    for client in (api.signed_in(other), api.signed_in(await world.admin())):
        found = (await client.ask(query, id=gid(user)))["node"]
        assert found in (None, {"personalOffers": None})


async def test_without_redis_the_list_is_by_quality(
    world: World, api: Client, without_redis: KeptLists
) -> None:
    client = api.signed_in(await world.user())
    offers = await some_offers(world, 5)
    found = await walk(client, OFFERS, "offers", first=2, **RANKED)
    assert sorted(found) == sorted(gid(one) for one in offers)
    assert [*(await reasons(client)).values()] == [["NOT_PERSONAL"]] * 5
    assert (await switch(client, enabled=False))["errors"] == []


async def test_without_redis_a_kept_list_is_unavailable(
    world: World, api: Client, kept: KeptLists, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = api.signed_in(await world.user())
    await some_offers(world)
    cursor = await end_of_page(client)
    monkeypatch.setattr(kept, "_redis", KeptLists(NOWHERE)._redis)
    assert await client.failed(REASONS, after=cursor) == ["UNAVAILABLE"]


@pytest.mark.parametrize("near", [None, around(*BENGALURU)])
async def test_a_page_takes_the_same_statements_for_one_offer_and_for_20(
    world: World, api: Client, near: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = await world.user()
    client = api.signed_in(user)
    offers = await some_offers(world, 20)
    for offer in offers:
        await world.like(offer, user)
        await world.voucher(offer, user)
    one, twenty = [await statements(client, FULL, first=n, near=near) for n in (1, 20)]
    assert len(one) == len(twenty)
    assert len(twenty) <= 12
    later = await statements(
        client, REASONS, first=5, near=near, after=await end_of_page(client, near=near)
    )
    assert len(later) == 2, "the switch, and the page"
    load_one_by_one(monkeypatch)
    assert len(await statements(client, FULL, first=20, near=near)) > len(twenty) + 30
