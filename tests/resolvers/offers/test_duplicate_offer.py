"""Duplicates of offers: drafts that share the texts and pictures of another one."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, func, select

from core.clock import now
from models.offers.offers import Offer, OfferState
from models.pictures import OfferPicture
from models.quotas import QUOTAS, DailyAct
from models.uploads import Upload
from models.vendors import MemberRole
from tests.client import Client, gid
from tests.factories.redemptions import Till
from tests.factories.vendors import OUTSIDERS, new_member, outsider
from tests.factories.world import World
from tests.resolvers.counting import statements
from tests.resolvers.offers.ruled import inr, set_rules

TERMS = """currentTerms { version rules {
    maximumUses minimumSpend { amountMinor } voucherBalance { amountMinor }
} }"""
NODES = f"query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on Offer {{ {TERMS} }} }} }}"
DUPLICATED = """mutation ($input: DuplicateOfferInput!) { duplicateOffer(input: $input) {
    offer { id } errors { code }
} }"""
DUPLICATE = """offer {
  id state claimed capacity perUserLimit publishedAt publishAt startsAt endsAt pinCodes likeCount
  titles { locale text } discount { ... on FreeItemDiscount { item } }
  pictures { uploadId alt } category { id } vendor { id }
}"""


async def test_duplicate_offer_as_a_draft(world: World, api: Client) -> None:
    vendor = await world.vendor(await world.user())
    manager = await new_member(world, vendor, MemberRole.MANAGER)
    offer = await world.offer(
        vendor,
        title={"en": "Free tea", "hi": "मुफ़्त चाय"},
        discount_kind="FREE_ITEM",
        percent=None,
        free_item={"en": "A tea"},
        per_user_limit=3,
        published_at=now(),
    )
    await world.voucher(offer, await world.user())
    await world.like(offer, await world.user())
    photo = await world.picture(manager, attached_at=now())
    picture = OfferPicture(offer_id=offer.id, upload_id=photo.id, alt={"en": "A cup"})
    await world.save(picture)
    client = api.signed_in(manager)
    copy = (await client.do("duplicateOffer", {"offerId": gid(offer)}, DUPLICATE))["offer"]
    assert copy.pop("id") != gid(offer)
    assert copy == {
        "state": "DRAFT",
        "claimed": 0,
        "capacity": 100,
        "perUserLimit": 3,
        "publishedAt": None,
        "publishAt": None,
        "startsAt": offer.starts_at.isoformat().replace("+00:00", "Z"),
        "endsAt": offer.ends_at.isoformat().replace("+00:00", "Z"),
        "pinCodes": offer.pin_codes,
        "likeCount": 0,
        "titles": [
            {"locale": "en", "text": "Free tea"},
            {"locale": "hi", "text": "मुफ़्त चाय"},
        ],
        "discount": {"item": "A tea"},
        "pictures": [{"uploadId": gid(photo), "alt": "A cup"}],
        "category": {"id": copy["category"]["id"]},
        "vendor": {"id": gid(vendor)},
    }
    searched = await client.ask(
        '{ offers(search: "tea", where: {states: [DRAFT]}) { totalCount } }'
    )
    assert searched["offers"]["totalCount"] == 1


async def test_a_shared_picture_is_kept_until_no_offer_shows_it(world: World, api: Client) -> None:
    owner = await world.user()
    offer = await world.offer(await world.vendor(owner))
    photo = await world.picture(owner, attached_at=now())
    await world.save(OfferPicture(offer_id=offer.id, upload_id=photo.id))
    client = api.signed_in(owner)
    copy = (await client.do("duplicateOffer", {"offerId": gid(offer)}, "offer { id }"))["offer"]
    for id, attached in ((gid(offer), True), (copy["id"], False)):
        given: dict[str, Any] = {"offerId": id, "pictures": []}
        assert await client.refusal_codes("updateOffer", given) == []
        async with world.database.session() as session:
            upload = (await session.exec(select(Upload).where(Upload.id == photo.id))).one()
        assert (upload.attached_at is not None) is attached


async def test_a_duplicate_has_the_rules_as_terms_of_its_own(world: World, api: Client) -> None:
    till = await Till.open(world)
    await set_rules(api, till, maximumUses=3, voucherBalance=inr(50_000))
    await set_rules(api, till, maximumUses=3, minimumSpend=inr(20_000))
    client = api.signed_in(await till.manager())
    made = await client.do(
        "duplicateOffer", {"offerId": gid(till.offer)}, f"offer {{ id {TERMS} }}"
    )
    copy = made["offer"]
    assert copy["currentTerms"]["version"] == 1
    assert copy["currentTerms"]["rules"]["maximumUses"] == 3
    assert copy["currentTerms"]["rules"]["minimumSpend"] == {"amountMinor": 20_000}
    assert copy["currentTerms"]["rules"]["voucherBalance"] is None
    await set_rules(api, till, maximumUses=5)
    (again,) = (await client.ask(NODES, ids=[copy["id"]]))["nodes"]
    assert again["currentTerms"] == copy["currentTerms"]
    published = {"offerId": copy["id"]}
    assert await client.refusal_codes("publishOffer", published) == []
    claimed = await api.signed_in(await world.user()).do(
        "claimOffer", published | {"idempotencyKey": "one"}, "voucher { maxUses }"
    )
    assert claimed == {"voucher": {"maxUses": 3}, "errors": []}


@pytest.mark.parametrize("kept", [1, 10])
async def test_a_duplicate_takes_as_many_statements_for_ten_pictures(
    world: World, api: Client, kept: int
) -> None:
    till = await Till.open(world)
    await set_rules(api, till, maximumUses=3)
    manager = await till.manager()
    for position in range(kept):
        photo = await world.picture(manager, attached_at=now())
        await world.save(
            OfferPicture(offer_id=till.offer.id, upload_id=photo.id, position=position)
        )
    client, given = api.signed_in(manager), {"offerId": gid(till.offer)}
    assert await client.refusal_codes("duplicateOffer", given) == []
    sent = await statements(client, DUPLICATED, input=given | {"idempotencyKey": "once"})
    assert len(sent) <= 16, sent


@pytest.mark.parametrize("state", OfferState)
async def test_duplicate_offer_of_each_state(world: World, api: Client, state: OfferState) -> None:
    owner = await world.user()
    window = {"starts_at": now() - timedelta(days=2), "ends_at": now() - timedelta(days=1)}
    offer = await world.offer(await world.vendor(owner), state=state, **window)
    client, given = api.signed_in(owner), {"offerId": gid(offer)}
    made = await client.do("duplicateOffer", given, "offer { state }")
    assert made == {"offer": {"state": "DRAFT"}, "errors": []}


async def test_a_repeated_request_duplicates_once(world: World, api: Client) -> None:
    owner = await world.user()
    offer = await world.offer(await world.vendor(owner))
    client = api.signed_in(owner)
    given = {"offerId": gid(offer), "idempotencyKey": "once"}
    first = await client.do("duplicateOffer", given, "offer { id }")
    assert await client.do("duplicateOffer", given, "offer { id }") == first
    other = given | {"offerId": first["offer"]["id"]}
    assert await client.refusal_codes("duplicateOffer", other) == ["IDEMPOTENCY_KEY_REUSED"]
    async with world.database.session() as session:
        assert (await session.exec(select(func.count(col(Offer.id))))).one() == 2


async def test_duplicates_count_as_created_offers(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    quota = QUOTAS[DailyAct.CREATE_OFFER]._replace(per_day=1)
    monkeypatch.setitem(QUOTAS, DailyAct.CREATE_OFFER, quota)
    owner = await world.user()
    client, offer = api.signed_in(owner), await world.offer(await world.vendor(owner))
    given = {"offerId": gid(offer)}
    assert await client.refusal_codes("duplicateOffer", given) == []
    assert await client.refusal_codes("duplicateOffer", given) == ["DAILY_LIMIT_REACHED"]


async def test_duplicate_and_schedule_offer_as_others(world: World, api: Client) -> None:
    vendor = await world.vendor(await world.user())
    offer = await world.offer(vendor, state=OfferState.DRAFT)
    at = {"publishAt": (now() + timedelta(hours=1)).isoformat()}
    for name, more in (("duplicateOffer", {}), ("scheduleOffer", at), ("unscheduleOffer", {})):
        given = {"offerId": gid(offer)} | more
        assert await api.mutation_failed(name, given) == ["UNAUTHENTICATED"]
        for kind in OUTSIDERS:
            client = api.signed_in(await outsider(world, vendor, kind))
            assert await client.refusal_codes(name, given) == ["NOT_FOUND"], (name, kind)
