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
from tests.subscriptions.in_process_server import serve_in_process

NOTHING_HERE = {
    "de-AT, en;q=0.5": "Nicht gefunden, oder du hast keinen Zugriff darauf.",
    "es": "No se ha encontrado, o no tienes acceso.",
    "hi-IN": "नहीं मिला, या आपके पास इसकी पहुँच नहीं है।",
    "fr": "Not found, or you don't have access to it.",
    "en, de;q=0.9": "Not found, or you don't have access to it.",
}
SIGN_IN = "Melde dich an, um fortzufahren."
FOLLOW = f'subscription {{ redemptionStatus(voucherId: "{unknown("Voucher")}") {{ cursor }} }}'


@pytest.mark.parametrize(("languages", "expected"), NOTHING_HERE.items())
async def test_a_refusal(world: World, api: Client, languages: str, expected: str) -> None:
    client = api.signed_in(await world.user()).reading(languages)
    payload = await client.do("likeOffer", {"offerId": unknown("Offer")})
    assert [error["message"] for error in payload["errors"]] == [expected]


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
    ("changes", "expected"),
    [
        ({"title": texts(en="Tw")}, "Muss mindestens 3 Zeichen haben."),
        ({"title": []}, "Darf nicht leer sein."),
        ({"title": texts(xx_yy_zz="Two for one")}, "„xx_yy_zz“ ist kein gültiges Sprachkürzel"),
        ({"capacity": 1_000_001}, "Darf höchstens 1.000.000 sein."),
        ({"latitude": -91.0}, "Muss mindestens -90 sein."),
        ({"pinCodes": ["?"]}, "Das Format ist ungültig."),
        ({"endsAt": "2029-01-01T00:00:00Z"}, "Ein Angebot muss nach seinem Beginn enden."),
    ],
)
async def test_a_value_out_of_its_range(
    world: World, api: Client, changes: dict[str, Any], expected: str
) -> None:
    owner = await world.user()
    given = offer_input(await world.vendor(owner), **changes)
    (error,) = (await api.signed_in(owner).reading("de").do("createOffer", given))["errors"]
    assert error["message"].startswith(expected)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (
            "{ offers(first: 101) { nodes { id } } }",
            "Eine Seite muss zwischen 0 und 100 Einträge haben.",
        ),
        (
            f'{{ node(id: "{to_base64("Offer", "x")}") {{ id }} }}',
            "„T2ZmZXI6eA==“ ist keine gültige ID. Sende IDs so, wie der Server sie geliefert hat.",
        ),
        (
            '{ vendors(where: {country: "UK"}) { nodes { id } } }',
            "Wähle ein Land mit seinem Code aus zwei Buchstaben, wie IN.",
        ),
        (
            "query A { __typename } query B { __typename }",
            "Das Dokument enthält mehrere Operationen. Wähle eine mit `operationName`.",
        ),
        ("mutation { likeOffer(input: {offerId: %s}) { errors { code } } }", SIGN_IN),
        ("{ zzzzzzzz }", "Cannot query field 'zzzzzzzz' on type 'Query'."),
    ],
)
async def test_a_top_level_error(api: Client, query: str, expected: str) -> None:
    offer = f'"{unknown("Offer")}"'
    answer = await api.reading("de").send(query.replace("%s", offer))
    assert [error["message"] for error in answer["errors"]] == [expected]


async def test_a_top_level_error_in_a_language_there_is_not(api: Client) -> None:
    answer = await api.reading("fr").send("{ offers(first: 101) { nodes { id } } }")
    (error,) = answer["errors"]
    assert error["message"] == "A page must have between 0 and 100 entries."


@pytest.mark.parametrize(
    ("header", "payload", "expected"),
    [
        ("de", {}, SIGN_IN),
        ("", {"acceptLanguage": "de-DE"}, SIGN_IN),
        ("es", {"acceptLanguage": "de"}, SIGN_IN),
        ("fr", {"acceptLanguage": {"de": 1}}, "Sign in to continue"),
    ],
)
async def test_on_a_socket(
    settings: Settings, header: str, payload: dict[str, Any], expected: str
) -> None:
    async with serve_in_process(settings) as server:
        url = f"{server.url.replace('http', 'ws')}/graphql"
        protocol, headers = Subprotocol("graphql-transport-ws"), {"Accept-Language": header}
        async with connect(url, subprotocols=[protocol], additional_headers=headers) as socket:
            await socket.send(json.dumps({"type": "connection_init", "payload": payload}))
            assert json.loads(await socket.recv())["type"] == "connection_ack"
            asked = {"type": "subscribe", "id": "1", "payload": {"query": FOLLOW}}
            await socket.send(json.dumps(asked))
            (error,) = json.loads(await socket.recv())["payload"]
    assert error["message"].startswith(expected)
