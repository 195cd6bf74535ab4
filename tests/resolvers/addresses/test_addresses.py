"""Address books: kept by their users alone, checked by country, with one default."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import text

from models.addresses import MAX_ADDRESSES
from models.identity.accounts import User
from models.vendors import MemberRole
from tests.client import Client, gid, unknown
from tests.factories.world import World

SHOWN = """address { id label recipient company streetLines city subdivision postalCode country
  phone instructions coordinates { latitude longitude } formatted isDefault }"""
BOOK = "{ addresses { totalCount nodes { id isDefault } } }"
HOME: dict[str, Any] = {
    "country": "IN",
    "label": "Home",
    "recipient": " Asha  Rao",
    "streetLines": ["12 MG Road", "Second floor"],
    "city": "Bengaluru",
    "subdivision": "karnataka",
    "postalCode": "560 001",
    "phone": "+91 80 2654 3210",
    "instructions": "Ring twice",
    "latitude": 12.97,
    "longitude": 77.59,
    "idempotencyKey": "home",
}


async def book(client: Client) -> list[tuple[str, bool]]:
    nodes = (await client.ask(BOOK))["addresses"]["nodes"]
    return [(node["id"], node["isDefault"]) for node in nodes]


async def create(client: Client, key: str, **values: object) -> str:
    payload = await client.do("createAddress", HOME | {"idempotencyKey": key} | values, SHOWN)
    assert payload["errors"] == []
    id: str = payload["address"]["id"]
    return id


async def test_create_address_once_per_key(world: World, api: Client) -> None:
    client = api.signed_in(await world.user())
    payload = await client.do("createAddress", HOME, SHOWN)
    assert payload["errors"] == []
    assert payload["address"] == {
        "id": payload["address"]["id"],
        "label": "Home",
        "recipient": "Asha Rao",
        "company": None,
        "streetLines": ["12 MG Road", "Second floor"],
        "city": "Bengaluru",
        "subdivision": "Karnataka",
        "postalCode": "560001",
        "country": "IN",
        "phone": "+918026543210",
        "instructions": "Ring twice",
        "coordinates": {"latitude": 12.97, "longitude": 77.59},
        "formatted": [
            "Asha Rao", "12 MG Road", "Second floor", "Bengaluru 560001", "Karnataka"
        ],
        "isDefault": True,
    }  # fmt: skip
    assert await client.do("createAddress", HOME, SHOWN) == payload
    other = HOME | {"recipient": "Someone Else"}
    assert await client.refusal_codes("createAddress", other) == ["IDEMPOTENCY_KEY_REUSED"]
    assert len(await book(client)) == 1


async def test_create_address_names_the_field_in_the_language_of_the_caller(
    world: World, api: Client
) -> None:
    client = api.signed_in(await world.user()).reading("de")
    wrong = HOME | {"postalCode": "110001"}
    payload = await client.do("createAddress", wrong, SHOWN)
    assert payload["errors"] == [
        {
            "code": "INVALID_INPUT",
            "field": ["postalCode"],
            "message": "„110001“ ist keine Postleitzahl von Karnataka. Prüfe beides.",
        }
    ]
    assert await book(client) == []


async def test_details_are_sealed_at_rest(world: World, api: Client) -> None:
    client = api.signed_in(await world.user())
    await create(client, "home")
    async with world.database.session() as session:
        rows = await session.execute(text("SELECT to_jsonb(one)\\:\\:text FROM saved_address one"))
        (stored,) = rows.scalars()
        kept = await session.execute(text("SELECT input_hash, result FROM idempotency_key"))
        stored += str(kept.all())
    for word in ("Asha", "MG Road", "560001", "918026543210", "Home", "77.59", "Ring"):
        assert word not in stored
        assert word.encode().hex() not in stored


async def test_update_address_as_a_whole(world: World, api: Client) -> None:
    client = api.signed_in(await world.user())
    id = await create(client, "home")
    given = {"addressId": id, "instructions": None, "label": "Parents"}
    changed = (await client.do("updateAddress", given, SHOWN))["address"]
    assert (changed["instructions"], changed["label"], changed["city"]) == (
        None,
        "Parents",
        "Bengaluru",
    )
    abroad = {"addressId": id, "country": "DE", "postalCode": "10115", "city": "Berlin"}
    payload = await client.do("updateAddress", abroad, SHOWN)
    assert [error["field"] for error in payload["errors"]] == [["subdivision"]]
    moved = await client.do("updateAddress", abroad | {"subdivision": None}, SHOWN)
    assert moved["address"]["formatted"][-1] == "10115 Berlin"
    for name in ("country", "recipient", "streetLines"):
        payload = await client.do("updateAddress", {"addressId": id, name: None}, SHOWN)
        assert [error["field"] for error in payload["errors"]] == [[name]]


async def test_one_address_is_the_default(world: World, api: Client) -> None:
    client = api.signed_in(await world.user())
    first = await create(client, "1")
    second = await create(client, "2")
    third = await create(client, "3", isDefault=True)
    assert await book(client) == [(third, True), (second, False), (first, False)]
    for _ in range(2):
        await client.do("setDefaultAddress", {"addressId": first}, SHOWN)
        assert await book(client) == [(third, False), (second, False), (first, True)]
    assert await client.refusal_codes("deleteAddress", {"addressId": second}) == []
    deleted = await client.do("deleteAddress", {"addressId": first}, "deletedId")
    assert deleted["deletedId"] == first
    assert await book(client) == [(third, True)]
    assert await client.refusal_codes("deleteAddress", {"addressId": third}) == []
    assert await book(client) == []
    assert await client.refusal_codes("deleteAddress", {"addressId": third}) == ["NOT_FOUND"]


async def fill(world: World, user: User, count: int) -> None:
    for _ in range(count):
        await world.address(user)


async def test_requests_at_once_exceed_no_limit_and_make_one_default(
    world: World, api: Client
) -> None:
    user = await world.user()
    await fill(world, user, MAX_ADDRESSES - 2)
    client = api.signed_in(user)
    codes = await asyncio.gather(
        *(
            client.refusal_codes(
                "createAddress", HOME | {"idempotencyKey": str(n), "isDefault": True}
            )
            for n in range(8)
        )
    )
    assert sorted(codes) == [[], [], *[["ADDRESS_LIMIT_REACHED"]] * 6]
    assert sum(default for _, default in await book(client)) == 1


@pytest.mark.parametrize("who", ["a stranger", "an admin", "a member of a vendor"])
async def test_addresses_as_another_user(world: World, api: Client, who: str) -> None:
    user, stranger = await world.user(), await world.user()
    if who == "an admin":
        stranger = await world.admin()
    if who == "a member of a vendor":
        await world.member(await world.vendor(user), stranger, MemberRole.OWNER)
    address = await world.address(user, is_default=True)
    client = api.signed_in(stranger)
    assert await book(client) == []
    for name in ("updateAddress", "setDefaultAddress", "deleteAddress"):
        assert await client.refusal_codes(name, {"addressId": gid(address)}) == ["NOT_FOUND"]
    assert (await world.fresh(address)).is_default


async def test_addresses_as_an_anonymous_caller(world: World, api: Client) -> None:
    assert await api.failed(BOOK) == ["UNAUTHENTICATED"]
    assert await api.mutation_failed("createAddress", HOME) == ["UNAUTHENTICATED"]
    for name in ("updateAddress", "setDefaultAddress", "deleteAddress"):
        input = {"addressId": unknown("SavedAddress")}
        assert await api.mutation_failed(name, input) == ["UNAUTHENTICATED"]
