"""The rights of a program with the scopes of its API token."""

from typing import Any

import pytest

from models.scopes import DEFAULT_SCOPES, ApiScope
from models.vendors import MemberRole
from services.viewer import Viewer
from tests.client import Client, gid
from tests.factories.world import World

OFFER = "query ($id: ID!) { offer(id: $id) { title } }"
OFFER_OF_VENDOR = "query ($id: ID!) { offer(id: $id) { title vendor { name } } }"
MEMBERS = "query ($id: ID!) { vendor(id: $id) { id members { nodes { user { name } } } } }"
MEMBER_COUNT = "query ($id: ID!) { vendor(id: $id) { members { totalCount } } }"
NODE = "query ($id: ID!) { node(id: $id) { id ... on Offer { vendor { name } } } }"
INSIDE = """
query ($id: ID!) { node(id: $id) { ...Inside } }
fragment Inside on Node { ... on Offer { ...Deeper } }
fragment Deeper on Offer { vendor { name } }
"""
TWO = """
query One { viewer { name } }
query Two { viewer { email } }
"""
LIKE = "mutation ($input: LikeOfferInput!) { likeOffer(input: $input) { offer { likeCount } } }"
LIKE_AND_LOOK = """
mutation ($input: LikeOfferInput!) { likeOffer(input: $input) { offer { vendor { name } } } }
"""


async def missing(client: Client, document: str, **given: Any) -> list[str]:
    """Return the scopes that an operation lacks."""
    answer = await client.send(document, **given)
    for error in answer.get("errors", []):
        assert error["extensions"]["code"] == "SCOPE_MISSING"
        assert "data" not in answer
        return list(error["extensions"]["scopes"])
    return []


async def test_a_query_needs_the_scope_of_each_domain(world: World, api: Client) -> None:
    offer = await world.offer(await world.vendor())
    user = await world.user()
    _, secret = await world.api_token(user, ApiScope.OFFERS_READ)
    client = api.bearing(secret)
    assert await missing(client, OFFER, id=gid(offer)) == []
    for document in (OFFER_OF_VENDOR, NODE, INSIDE):
        for _ in range(2):  # the second is of a known document
            assert await missing(client, document, id=gid(offer)) == ["VENDORS_READ"]
    _, other = await world.api_token(user, ApiScope.CHAT_READ)
    found = await missing(api.bearing(other), OFFER_OF_VENDOR, id=gid(offer))
    assert found == ["OFFERS_READ", "VENDORS_READ"]
    _, both = await world.api_token(user, ApiScope.OFFERS_READ, ApiScope.VENDORS_READ)
    for document in (OFFER, OFFER_OF_VENDOR, NODE, INSIDE):
        assert await missing(api.bearing(both), document, id=gid(offer)) == []


async def test_a_program_sees_alerts_of_its_user_but_not_what_they_looked_at(
    world: World, api: Client
) -> None:
    """Alerts are like follows: asked for, and of use to a program. A history is neither."""
    user, alerts = await world.user(), "{ stockAlerts { nodes { id awaitedByMe } } }"
    _, catalog = await world.api_token(user, ApiScope.CATALOG_READ)
    assert await missing(api.bearing(catalog), alerts) == ["STOCK_READ"]
    _, both = await world.api_token(user, ApiScope.CATALOG_READ, ApiScope.STOCK_READ)
    assert await missing(api.bearing(both), alerts) == []
    for fields in ("{ viewedProducts { id } }", "{ ... { viewedProducts { title } } }"):
        assert await api.bearing(both).failed(fields) == ["FORBIDDEN"]
        assert await api.signed_in(user).failed(fields) == []


async def test_a_program_of_an_owner_does_not_walk_into_the_members(
    world: World, api: Client
) -> None:
    vendor, owner = await world.vendor(), await world.user()
    await world.member(vendor, owner, MemberRole.OWNER)
    _, secret = await world.api_token(owner, ApiScope.VENDORS_READ, ApiScope.IDENTITY_READ)
    for document in (MEMBERS, MEMBER_COUNT):
        assert await missing(api.bearing(secret), document, id=gid(vendor)) == ["MEMBERS_READ"]
        assert await missing(api.signed_in(owner), document, id=gid(vendor)) == []
    _, may = await world.api_token(owner, ApiScope.VENDORS_READ, ApiScope.MEMBERS_READ)
    assert await missing(api.bearing(may), MEMBERS, id=gid(vendor)) == []
    _, stranger = await world.api_token(await world.user())
    assert await api.bearing(stranger).failed(MEMBERS, id=gid(vendor)) == ["FORBIDDEN"]


async def test_a_mutation_needs_its_own_scope_and_those_to_read_more(
    world: World, api: Client
) -> None:
    offer, user = await world.offer(await world.vendor()), await world.user()
    given = {"offerId": gid(offer)}
    _, reading = await world.api_token(user, ApiScope.OFFERS_READ, ApiScope.VENDORS_READ)
    assert await missing(api.bearing(reading), LIKE, input=given) == ["OFFERS_WRITE"]
    _, writing = await world.api_token(user, ApiScope.OFFERS_WRITE)
    assert await missing(api.bearing(writing), LIKE, input=given) == []
    assert await missing(api.bearing(writing), OFFER, id=gid(offer)) == ["OFFERS_READ"]
    assert await missing(api.bearing(writing), LIKE_AND_LOOK, input=given) == ["VENDORS_READ"]


async def test_only_the_operation_that_is_run_counts(world: World, api: Client) -> None:
    _, secret = await world.api_token(await world.user(), ApiScope.CHAT_READ)
    found = []
    for name in ("One", "Two"):
        body = {"query": TWO, "operationName": name}
        headers = api.bearing(secret).headers
        answer = (await api.http.post("/graphql", json=body, headers=headers)).json()
        found.append([one["extensions"]["scopes"] for one in answer.get("errors", [])])
    assert found == [[], [["IDENTITY_READ"]]]


@pytest.mark.parametrize(
    "document", ["{ auditLog { nodes { id } } }", "{ auditLog { totalCount } }"]
)
async def test_no_scope_allows_what_is_for_admins(world: World, api: Client, document: str) -> None:
    _, secret = await world.api_token(await world.admin())
    answer = await api.bearing(secret).send(document)
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "FORBIDDEN"
    assert "`auditLog`" in error["extensions"]["detail"]


async def test_no_scope_allows_a_list_for_admins_of_a_domain_with_scopes(
    world: World, api: Client
) -> None:
    _, secret = await world.api_token(await world.admin(), *ApiScope)
    for name in ("allOrders", "deadLetters", "payments", "refunds", "reports", "webhookEvents"):
        (error,) = (await api.bearing(secret).send(f"{{ {name} {{ totalCount }} }}"))["errors"]
        assert error["extensions"]["code"] == "FORBIDDEN"
        assert f"`{name}`" in error["extensions"]["detail"]


async def test_old_scopes_read_all_but_the_account(world: World, api: Client) -> None:
    _, secret = await world.api_token(await world.user(), ApiScope.READ, ApiScope.WRITE)
    client = api.bearing(secret)
    document = "{ viewer { name vendors { name } vouchers { totalCount } unreadMessages } }"
    assert await missing(client, document) == []
    assert await missing(client, "{ viewer { email } }") == ["IDENTITY_READ"]


async def test_a_token_without_scopes_reads_what_is_public(world: World, api: Client) -> None:
    user = await world.user()
    payload = await api.signed_in(user).do(
        "createApiToken", {"name": "Site"}, "secret apiToken { scopes }"
    )
    assert set(payload["apiToken"]["scopes"]) == DEFAULT_SCOPES
    client = api.bearing(payload["secret"])
    assert await missing(client, "{ offers { nodes { title category { name } } } }") == []
    assert await missing(client, "{ viewer { unreadMessages } }") == ["CHAT_READ"]


async def test_create_api_token_for_domains(world: World, api: Client) -> None:
    user = await world.user()
    given = {"name": "Till", "scopes": ["REDEMPTIONS_WRITE", "OFFERS_READ", "OFFERS_READ"]}
    payload = await api.signed_in(user).do("createApiToken", given, "apiToken { id scopes }")
    assert payload["apiToken"]["scopes"] == ["OFFERS_READ", "REDEMPTIONS_WRITE"]


def test_programs_are_of_one_kind_whatever_their_scopes() -> None:
    """Access queries are kept by the kind of their viewer, and there are thousands of sets."""
    kinds = {
        id(Viewer(scopes=scopes).kind)
        for scopes in (frozenset({ApiScope.CHAT_READ}), frozenset({ApiScope.OFFERS_READ}))
    }
    assert len(kinds) == 1
