"""With a bad token fields that depend on the viewer fail, and public ones do not.

It is not treated as no token: a user whose token has expired would see no likes and no roles.
"""

from typing import cast

import pytest
from graphql import (
    GraphQLObjectType,
    build_schema,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)

from core.settings import HOME
from tests.client import Client
from tests.factories.world import World

SCHEMA = build_schema((HOME / "schema/schema.graphql").read_text())
LISTS = {"Offer": "offers", "Vendor": "vendors"}
# Their failure takes public data along. It cannot be null, because that would break its clients.
TAKES_DATA_ALONG = {"Offer.likedByMe"}
DEPENDING = {
    "Offer": {"Offer.eligibility", "Offer.likedByMe", "Offer.viewerVoucher"},
    "Vendor": {"Vendor.followedByMe", "Vendor.viewerRole"},
}


def fields(type_name: str) -> dict[str, str]:
    """Return a selection for each field that needs no arguments."""
    type_ = cast("GraphQLObjectType", SCHEMA.get_type(type_name))
    return {
        name: name if is_leaf_type(get_named_type(field.type)) else f"{name} {{ __typename }}"
        for name, field in type_.fields.items()
        if not any(is_required_argument(argument) for argument in field.args.values())
    }


@pytest.mark.parametrize("type_name", LISTS)
async def test_public_data_is_returned_to_a_bad_token(
    world: World, api: Client, type_name: str
) -> None:
    await world.offer(await world.vendor())
    bearing = api.bearing("nonsense")
    failed: set[str] = set()
    lost: set[str] = set()
    for name, selection in fields(type_name).items():
        query = f"{{ {LISTS[type_name]} {{ nodes {{ id {selection} }} }} }}"
        if (await api.send(query)).get("errors"):
            continue  # not public: for members of the vendor
        answer = await bearing.send(query)
        codes = {error["extensions"]["code"] for error in answer.get("errors", [])}
        assert codes <= {"UNAUTHENTICATED"}, (name, codes)
        failed |= {f"{type_name}.{name}"} if codes else set()
        lost |= {f"{type_name}.{name}"} if answer["data"] is None else set()
    assert failed == DEPENDING[type_name]
    assert lost == failed & TAKES_DATA_ALONG
