"""A malformed id is named in a sentence without terms of the implementation."""

from typing import Any

import pytest
from strawberry.relay import to_base64

from core.errors import TooManyRequests
from services.i18n import translate
from tests.client import Client

CLAIM = "mutation ($input: ClaimOfferInput!) { claimOffer(input: $input) { errors { code } } }"
OFFERS = "query ($id: ID!) { offers(where: { vendorId: $id }) { nodes { id } } }"
NODE = "query ($id: ID!) { node(id: $id) { id } }"
NODES = "query ($id: ID!) { nodes(ids: [$id]) { id } }"


def variables(query: str, id: str) -> dict[str, Any]:
    key = {"idempotencyKey": "an invalid id"}
    return {"input": {"offerId": id} | key} if query == CLAIM else {"id": id}


@pytest.mark.parametrize("query", [CLAIM, OFFERS, NODE, NODES])
@pytest.mark.parametrize(
    "id", ["garbage", "12", to_base64("Offer", "12"), to_base64("Vendor", "x")]
)
async def test_a_malformed_id_is_quoted(api: Client, query: str, id: str) -> None:
    sent = {"query": query, "variables": variables(query, id)}
    answer = (await api.http.post("/graphql", json=sent)).json()
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    quoted = f"“{id}” is not a valid id. Send ids as the server returned them."
    other_type = "Expected an id of type"
    assert error["message"] == quoted or error["message"].startswith(other_type)
    assert "GlobalID" not in error["message"]


@pytest.mark.parametrize("id", ["", " "])
async def test_an_empty_id_is_named_as_such(api: Client, id: str) -> None:
    sent = {"query": CLAIM, "variables": variables(CLAIM, id)}
    (error,) = (await api.http.post("/graphql", json=sent)).json()["errors"]
    assert error["message"] == "An id is empty. Send one that the server returned."
    assert error["extensions"]["field"] == ["offerId"]


@pytest.mark.parametrize(
    ("seconds", "english", "german"),
    [
        (1, "in 1 seconds.", "in 1 s noch einmal."),
        (119, "in 119 seconds.", "in 119 s noch einmal."),
        (120, "in 2 minutes.", "in 2 Minuten noch einmal."),
        (121, "in 3 minutes.", "in 3 Minuten noch einmal."),
        (3600, "in 60 minutes.", "in 60 Minuten noch einmal."),
    ],
)
def test_long_waits_are_in_minutes(seconds: int, english: str, german: str) -> None:
    refused = TooManyRequests(seconds)
    assert translate(refused, []).endswith(english)
    assert translate(refused, ["de"]).endswith(german)
    assert refused.seconds == seconds
