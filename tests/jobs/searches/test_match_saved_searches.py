"""New offers are compared with saved searches: each is notified once, and of nothing old."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from core.clock import now
from models.identity.accounts import User
from models.notifications.inbox import Notification, NotificationKind
from models.offers.listings import City
from models.offers.offers import DiscountKind, Offer, OfferState
from models.searches import SavedSearch, SavedSearchHit, SearchNotices
from models.vendors import Vendor
from services.searches import matching
from services.transaction import Transactions
from tests.client import Client, gid
from tests.factories.offers import texts
from tests.factories.searches import match, saved
from tests.factories.world import World
from tests.jobs.conftest import Work
from tests.races.meeting import Meeting

KIND = NotificationKind.SAVED_SEARCH_MATCHED


async def messages(world: World, user: User) -> list[UUID]:
    """Return what a user was notified of."""
    rows = select(Notification).where(Notification.user_id == user.id)
    async with world.database.session() as session:
        found = (await session.exec(rows.order_by(col(Notification.created_at)))).all()
    assert {one.kind for one in found} <= {KIND}
    return [one.subject_id for one in found]


async def hits(world: World, search: SavedSearch) -> list[UUID]:
    rows = select(SavedSearchHit.offer_id).where(SavedSearchHit.search_id == search.id)
    async with world.database.session() as session:
        return [*(await session.exec(rows)).all()]


async def tea(world: World, vendor: Vendor | None = None, **values: Any) -> Offer:
    """Return an offer of tea that was published now."""
    given = {"title": {"en": "Masala tea"}, "published_at": now()} | values
    return await world.offer(vendor or await world.vendor(), **given)


async def test_publishing_notifies_once_and_saving_of_nothing_old(
    world: World, api: Client, transactions: Transactions, work: Work
) -> None:
    user, owner = await world.user(), await world.user()
    vendor, client = await world.vendor(owner), api.signed_in(owner)
    old = await tea(world, vendor)
    search = await saved(transactions, user)
    await match(transactions, old.id)
    assert await messages(world, user) == []
    draft = await tea(world, vendor, state=OfferState.DRAFT, published_at=None)
    for name in ("publishOffer", "pauseOffer", "publishOffer"):
        assert await client.refusal_codes(name, {"offerId": gid(draft)}) == []
        await work()
    assert await messages(world, user) == [draft.id]
    assert await hits(world, search) == [draft.id]
    seen = await api.signed_in(user).ask(
        "{ viewer { notifications { nodes { kind subject { id } } } } }"
    )
    nodes = [{"kind": KIND, "subject": {"id": gid(draft)}}]
    assert seen["viewer"]["notifications"]["nodes"] == nodes


async def test_a_live_offer_matches_once_its_words_do(
    world: World, api: Client, transactions: Transactions, work: Work
) -> None:
    user, owner = await world.user(), await world.user()
    vendor = await world.vendor(owner)
    await saved(transactions, user)
    offer = await tea(world, vendor, title={"en": "Masala te"})
    late = await saved(transactions, user, search="masala")
    change = {"offerId": gid(offer), "title": texts(en="Masala tea")}
    client = api.signed_in(owner)
    for _ in range(2):
        assert await client.refusal_codes("updateOffer", change) == []
        await work()
    assert await messages(world, user) == [offer.id]
    assert await hits(world, late) == []


async def test_an_offer_that_matches_two_searches_is_one_message(
    world: World, transactions: Transactions
) -> None:
    user, other = await world.user(), await world.user()
    searches = [await saved(transactions, user, search=word) for word in ("tea", "masala", "cup")]
    searches.append(await saved(transactions, user, SearchNotices.DAILY))
    await saved(transactions, other, SearchNotices.OFF)
    offer = await tea(world)
    for _ in range(2):
        await match(transactions, offer.id)
    assert [len(await hits(world, search)) for search in searches] == [1, 1, 0, 1]
    assert await messages(world, user) == [offer.id]
    assert await messages(world, other) == []
    async with world.database.session() as session:
        found = (await session.exec(select(SavedSearchHit))).all()
    assert not any(hit.waiting for hit in found)


async def test_an_edit_that_matches_another_search_is_no_second_message(
    world: World, transactions: Transactions
) -> None:
    user = await world.user()
    await saved(transactions, user)
    second = await saved(transactions, user, search="coffee")
    offer = await tea(world)
    await match(transactions, offer.id)
    async with transactions.begin() as session:
        again = await session.get_one(Offer, offer.id)
        again.title = {"en": "Tea and coffee"}
    await match(transactions, offer.id)
    assert await hits(world, second) == [offer.id]
    assert await messages(world, user) == [offer.id]


async def test_each_condition_must_hold(world: World, transactions: Transactions) -> None:
    user, vendor = await world.user(), await world.vendor()
    other = await world.vendor(city="Elsewhere")
    await tea(world, vendor, published_at=now() - timedelta(days=1))
    await tea(world, other, published_at=now() - timedelta(days=1))
    async with world.database.session() as session:
        cities = {city.key: city.id for city in (await session.exec(select(City))).all()}
    here = {"latitude": vendor.latitude, "longitude": vendor.longitude}
    far = {"latitude": -vendor.latitude, "longitude": vendor.longitude}
    place = cities[vendor.city.lower()]
    holding: list[dict[str, Any]] = [
        {"search": "Teas masala"},
        {"search": "masala", "discount_at_least": 10},
        {"vendor_id": vendor.id},
        {"category_id": vendor.category_id},
        {"city_id": place},
        {"pin_code": vendor.pin_code},
        {**here, "within_km": 1},
        {**here, "within_km": 500},
        {"search": "tea", "discount_kinds": [DiscountKind.PERCENT, DiscountKind.AMOUNT]},
        {"search": "tea", "vendor_id": vendor.id, "country": vendor.country, "city_id": place},
    ]
    failing: list[dict[str, Any]] = [
        {"search": "masala coffee"},
        {"search": "mas"},
        {"search": "masala", "discount_at_least": 11},
        {"vendor_id": other.id},
        {"category_id": (await world.category()).id},
        {"city_id": cities["elsewhere"]},
        {"pin_code": "999999"},
        {**far, "within_km": 500},
        {"search": "tea", "discount_kinds": [DiscountKind.AMOUNT]},
        {"search": "tea", "country": "DE"},
    ]
    right = [await saved(transactions, user, **one) for one in holding]
    wrong = [await saved(transactions, user, **one) for one in failing]
    offer = await tea(world, vendor)
    await match(transactions, offer.id)
    assert [await hits(world, search) for search in right] == [[offer.id]] * len(right)
    assert [await hits(world, search) for search in wrong] == [[]] * len(wrong)


@pytest.mark.parametrize(
    ("title", "search", "found"),
    [
        ("बिरयानी मुफ़्त", "बिरयानी", True),
        ("今月の売上", "売上", True),
        ("今月の売上", "売上高", False),
        ("Gratis Tees", "tee", True),
        ("Café au lait", "cafe", True),
        ("Deal 2025", "2024", False),
    ],
)
async def test_words_match_in_their_forms(
    world: World, transactions: Transactions, title: str, search: str, *, found: bool
) -> None:
    one = await saved(transactions, await world.user(), search=search)
    offer = await tea(world, title={"en": title})
    await match(transactions, offer.id)
    assert await hits(world, one) == [offer.id] * found


async def test_a_search_in_a_category_matches_offers_below_it(
    world: World, transactions: Transactions
) -> None:
    parent = await world.category()
    child = await world.category(parent=parent)
    search = await saved(transactions, await world.user(), category_id=parent.id)
    offer = await tea(world, category_id=child.id)
    await match(transactions, offer.id)
    assert await hits(world, search) == [offer.id]


async def test_offers_that_are_not_live_or_old_match_nothing(
    world: World, transactions: Transactions
) -> None:
    search = await saved(transactions, await world.user())
    async with world.database.session() as session, session.begin():
        await session.execute(text("UPDATE saved_search SET seen_upto = '2000-01-01'"))
    for values in (
        {"state": OfferState.PAUSED},
        {"ends_at": now() - timedelta(minutes=1)},
        {"published_at": now() - timedelta(days=31)},
    ):
        offer = await tea(world, **values)
        await match(transactions, offer.id)
    assert await hits(world, search) == []


async def test_users_are_notified_in_batches(
    world: World, transactions: Transactions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matching, "BATCH_SIZE", 3)
    users = [await world.user() for _ in range(4)]
    for user in users:
        await saved(transactions, user)
        await saved(transactions, user, search="masala")
    offer = await tea(world)
    await match(transactions, offer.id)
    assert [await messages(world, user) for user in users] == [[offer.id]] * 4


async def test_further_messages_of_a_day_wait(world: World, transactions: Transactions) -> None:
    user, vendor = await world.user(), await world.vendor()
    await saved(transactions, user)
    offers = [await tea(world, vendor) for _ in range(matching.MAX_PER_DAY + 1)]
    for offer in offers:
        await match(transactions, offer.id)
    assert await messages(world, user) == [offer.id for offer in offers[:-1]]
    async with world.database.session() as session:
        waiting = select(SavedSearchHit.offer_id).where(col(SavedSearchHit.waiting))
        assert (await session.exec(waiting)).all() == [offers[-1].id]


@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "without the guard"])
async def test_an_offer_that_is_published_while_a_search_is_saved_matches(
    world: World, transactions: Transactions, work: Work, *, guarded: bool
) -> None:
    """The job of the offer does not see the search, whose own job sees the offer."""
    user, vendor = await world.user(), await world.vendor()
    offers: list[Offer] = []

    async def publish() -> None:
        for _ in range(2):
            offers.append(await tea(world, vendor))
            await match(transactions, offers[-1].id)

    search = await saved(transactions, user, meanwhile=publish)
    assert await hits(world, search) == []
    if guarded:
        for _ in range(2):
            await work()
    expected = [one.id for one in offers] if guarded else []
    assert sorted(await hits(world, search)) == expected
    assert sorted(await messages(world, user)) == expected


WITHOUT_GUARD = str(matching.INSERT).replace("ON CONFLICT (search_id, offer_id) DO NOTHING", "")


@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "without the guard"])
async def test_two_jobs_at_once_notify_once(
    world: World, transactions: Transactions, monkeypatch: pytest.MonkeyPatch, *, guarded: bool
) -> None:
    """Both find the same searches before one has stored a match. The control fails at the key."""
    monkeypatch.setattr(matching, "_find_known", Meeting().after(matching._find_known))
    if not guarded:
        monkeypatch.setattr(matching, "INSERT", text(WITHOUT_GUARD))
    users = [await world.user() for _ in range(3)]
    for user in users:
        await saved(transactions, user)
    offer = await tea(world)
    runs = [match(transactions, offer.id) for _ in range(2)]
    ended = await asyncio.gather(*runs, return_exceptions=True)
    failed = [one for one in ended if isinstance(one, IntegrityError)]
    assert len(failed) == (0 if guarded else 1)
    assert [await messages(world, user) for user in users] == [[offer.id]] * 3
