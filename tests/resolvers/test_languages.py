"""Errors in the caller's language, over HTTP and on a socket."""

import json
from typing import Any

import pytest
from strawberry.relay import to_base64
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from core.settings import Settings
from tests.client import Client, gid, unknown
from tests.factories.offers import offer_input, texts
from tests.factories.world import World
from tests.live.inside import inside

NOTHING_HERE = {
    "de-AT, en;q=0.5": "Unter dieser ID gibt es hier nichts, oder es gehört dir nicht.",
    "es": "Aquí no hay nada con ese identificador, o no es tuyo.",
    "hi-IN": "इस आईडी से यहाँ कुछ नहीं है, या वह आपका नहीं है।",
    "fr": "There is nothing here by that id, or it is not yours.",
    "en, de;q=0.9": "There is nothing here by that id, or it is not yours.",
}
SIGN_IN = "Melde dich zuerst an: Sende ein Zugriffstoken als `Authorization: Bearer …`."
FOLLOW = f'subscription {{ redemptionStatus(voucherId: "{unknown("Voucher")}") {{ cursor }} }}'


@pytest.mark.parametrize(("languages", "said"), NOTHING_HERE.items())
async def test_a_refusal(world: World, api: Client, languages: str, said: str) -> None:
    client = api.signed_in(await world.user()).reading(languages)
    payload = await client.do("likeOffer", {"offerId": unknown("Offer")})
    assert [error["message"] for error in payload["errors"]] == [said]


async def test_a_refusal_with_values(world: World, api: Client) -> None:
    owner = await world.user()
    offer = await world.offer(await world.vendor(owner), state="ARCHIVED")
    client = api.signed_in(owner).reading("de")
    (error,) = (await client.do("publishOffer", {"offerId": gid(offer)}))["errors"]
    assert error["message"] == (
        "Ein Angebot im Zustand „archiviert“ kann nicht in den Zustand „veröffentlicht“ wechseln."
    )


async def test_a_refusal_that_must_be_kept(world: World, api: Client) -> None:
    given = {"refreshToken": "nobody's"}
    (error,) = (await api.reading("de").do("refreshSession", given))["errors"]
    assert error["message"] == "Diese Sitzung ist beendet. Melde dich neu an."


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"title": texts(en="Tw")}, "Mindestens 3 Zeichen."),
        ({"title": []}, "Das darf nicht leer sein."),
        ({"title": texts(xx_yy_zz="Two for one")}, "„xx_yy_zz“ ist kein Sprachkürzel"),
        ({"capacity": 1_000_001}, "Höchstens 1.000.000."),
        ({"latitude": -91.0}, "Mindestens -90."),
        ({"pinCodes": ["?"]}, "Das ist nicht in der verlangten Form geschrieben."),
        ({"endsAt": "2029-01-01T00:00:00Z"}, "Ein Angebot endet nach seinem Beginn."),
    ],
)
async def test_a_value_out_of_its_range(
    world: World, api: Client, changes: dict[str, Any], said: str
) -> None:
    owner = await world.user()
    given = offer_input(await world.vendor(owner), **changes)
    (error,) = (await api.signed_in(owner).reading("de").do("createOffer", given))["errors"]
    assert error["message"].startswith(said)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("{ offers(first: 101) { nodes { id } } }", "Eine Seite hat zwischen 0 und 100 Einträge."),
        (f'{{ node(id: "{to_base64("Offer", "x")}") {{ id }} }}', "Das ist keine unserer IDs."),
        (
            '{ vendors(where: {country: "UK"}) { nodes { id } } }',
            "Ein CountryCode ist ein Code aus ISO 3166-1, etwa IN.",
        ),
        (
            "query A { __typename } query B { __typename }",
            "Das Dokument hat mehrere Operationen: Nenne eine mit `operationName`.",
        ),
        ("mutation { likeOffer(input: {offerId: %s}) { errors { code } } }", SIGN_IN),
        ("{ zzzzzzzz }", "Cannot query field 'zzzzzzzz' on type 'Query'."),
    ],
)
async def test_a_top_level_error(api: Client, query: str, said: str) -> None:
    offer = f'"{unknown("Offer")}"'
    answer = await api.reading("de").send(query.replace("%s", offer))
    assert [error["message"] for error in answer["errors"]] == [said]


async def test_a_top_level_error_in_a_language_there_is_not(api: Client) -> None:
    answer = await api.reading("fr").send("{ offers(first: 101) { nodes { id } } }")
    (error,) = answer["errors"]
    assert error["message"] == "A page has between 0 and 100 entries."


@pytest.mark.parametrize(
    ("header", "payload", "said"),
    [
        ("de", {}, SIGN_IN),
        ("", {"acceptLanguage": "de-DE"}, SIGN_IN),
        ("es", {"acceptLanguage": "de"}, SIGN_IN),
        ("fr", {"acceptLanguage": {"de": 1}}, "Sign in first"),
    ],
)
async def test_on_a_socket(
    settings: Settings, header: str, payload: dict[str, Any], said: str
) -> None:
    async with inside(settings) as server:
        url = f"{server.url.replace('http', 'ws')}/graphql"
        protocol, headers = Subprotocol("graphql-transport-ws"), {"Accept-Language": header}
        async with connect(url, subprotocols=[protocol], additional_headers=headers) as socket:
            await socket.send(json.dumps({"type": "connection_init", "payload": payload}))
            assert json.loads(await socket.recv())["type"] == "connection_ack"
            asked = {"type": "subscribe", "id": "1", "payload": {"query": FOLLOW}}
            await socket.send(json.dumps(asked))
            (error,) = json.loads(await socket.recv())["payload"]
    assert error["message"].startswith(said)
