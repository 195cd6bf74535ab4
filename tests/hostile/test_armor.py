"""Each protection of GraphQL Armor, over both transports: one too many, and just not too many.

https://escape.tech/graphql-armor/docs/category/plugins
"""

from collections.abc import Callable, Iterable

import pytest

from engine.limits import document_limits
from engine.limits.extension import MAX_COST, MAX_EVENT_COST
from engine.limits.field_overlap import MAX_FIELD_PAIRS
from tests.hostile.production import ServerProcess
from tests.hostile.transports import Ask, by_socket, codes

Made = Callable[[int], str]


def offers(selected: Iterable[str]) -> str:
    return f"{{ offers {{ {' '.join(selected)} }} }}"


def tokens(number: int) -> str:
    document = "{ offers(where: {states: [%s]}) { totalCount } }"
    return document % " ".join(["PUBLISHED"] * (number - 16))


def characters(number: int) -> str:
    return "{ __typename }".ljust(number)


def comments(number: int) -> str:
    return "{ __typename }" + "#\n" * number


def definitions(number: int) -> str:
    names = range(number - 1)
    spread = " ".join(f"...F{name}" for name in names)
    return f"{{ ... {{ {spread} }} }} " + " ".join(
        f"fragment F{name} on Query {{ __typename }}" for name in names
    )


def aliases(number: int) -> str:
    return offers(f"a{one}: __typename" for one in range(number))


def directives(number: int) -> str:
    places = [min(10, number - done) for done in range(0, number, 10)]
    return offers(f"... {{ {'__typename @include(if: true) ' * many} }}" for many in places)


def root_fields(number: int) -> str:
    return "{ " + " ".join(f"a{one}: __typename" for one in range(number)) + " }"


def same_field(number: int) -> str:
    return offers(["__typename"] * number)


def overlap(number: int) -> str:
    """As many pairs of one field as go into the number, of another as go into what is left."""
    fields, left = list[str](), number
    for name in ("__typename", *(f"a{one}: __typename" for one in range(9))):
        many = max(one for one in range(100) if one * (one - 1) // 2 <= left)
        fields += [f"... {{ {name} }}"] * many
        left -= many * (many - 1) // 2
    return offers(fields)


def depth(number: int) -> str:
    return "{ categories " + "{ parent " * (number - 2) + "{ name }" + " }" * (number - 1)


def digits(number: int) -> str:
    return (
        f"{{ offers(near: {{latitude: 1.{'0' * (number - 2)}, longitude: 1}}) {{ totalCount }} }}"
    )


LIMITS: dict[Made, int] = {
    tokens: document_limits.MAX_TOKENS,
    characters: document_limits.MAX_CHARACTERS,
    comments: document_limits.MAX_COMMENTS,
    definitions: document_limits.MAX_DEFINITIONS,
    aliases: document_limits.MAX_ALIASES,
    directives: document_limits.MAX_DIRECTIVES,
    root_fields: document_limits.MAX_ROOT_FIELDS,
    same_field: document_limits.MAX_SAME_FIELD,
    overlap: MAX_FIELD_PAIRS,
    depth: document_limits.MAX_DEPTH,
    digits: document_limits.MAX_DIGITS,
}
LIMITED = pytest.mark.parametrize("made", LIMITS, ids=[made.__name__ for made in LIMITS])

# 4,902 points, and two beside one for each vendor.
DEAR = """
query ($first: Int) {
  offers(first: 100) { nodes { vendor { offers(first: 46) { id } } } }
  vendors(first: $first) { nodes { id } }
}
"""
WRONG = [
    ("{ viewr { id } }", {}),
    ("{ vendors { nodes { nam } } }", {}),
    ("{ offers }", {}),
    ("{ offers(firs: 1) { totalCount } }", {}),
    ("{ offers(where: {vendorID: 1}) { totalCount } }", {}),
    ("{ offers(orderBy: NEARES) { totalCount } }", {}),
    ("{ offers { ... on OfferConnectio { totalCount } } }", {}),
    ("{ offers { nodes { ... on Vendor { city } } } }", {}),
    ("{ __typename @inclde(if: true) }", {}),
    ("query ($by: OfferOrde) { offers(orderBy: $by) { totalCount } }", {}),
    ("query ($by: OfferOrder) { offers(orderBy: $by) { totalCount } }", {"by": "NEARES"}),
    ("query ($in: OfferWhere) { offers(where: $in) { totalCount } }", {"in": {"vendorID": 1}}),
]


@LIMITED
async def test_a_query_at_the_limit_is_executed(ask: Ask, made: Made) -> None:
    answer = await ask(made(LIMITS[made]))
    assert codes(answer) == []
    assert answer["data"]


@LIMITED
async def test_one_too_many_is_refused(ask: Ask, made: Made) -> None:
    answer = await ask(made(LIMITS[made] + 1))
    assert codes(answer) == ["QUERY_TOO_COMPLEX"]
    assert answer.get("data") is None


async def test_the_limit_of_cost(ask: Ask) -> None:
    just = await ask(DEAR, first=MAX_COST - 4_902 - 2)
    assert just["extensions"]["cost"]["requested"] == MAX_COST
    assert just["data"]
    assert codes(await ask(DEAR, first=MAX_COST - 4_902 - 1)) == ["QUERY_TOO_COMPLEX"]


async def test_the_limit_of_subscriptions_whose_events_are_free(
    server: ServerProcess, address: str
) -> None:
    ask = by_socket(server.url, address)
    document = """
        subscription ($id: ID!, $first: Int!) {
          conversationChanges(conversationId: $id) {
            ... on MessageSent { message { conversation { vendor {
              offers(first: $first) { vendor { offers(first: 1) { id } } }
            } } } }
          }
        }
    """
    just = (MAX_EVENT_COST - 5) // 4  # entries: each costs 4
    assert codes(await ask(document, id="x", first=just)) == ["BAD_USER_INPUT"], "the id"
    more = await ask(document, id="x", first=just + 1)
    assert codes(more) == ["QUERY_TOO_COMPLEX"]
    (error,) = more["errors"]
    assert f"{MAX_EVENT_COST + 1} points; the limit is {MAX_EVENT_COST}" in error["message"]


async def test_the_limit_of_variables(ask: Ask) -> None:
    query = "query ($in: OfferWhere) { offers(where: $in) { totalCount } }"
    many = ["PUBLISHED"] * (document_limits.MAX_VALUES - 2)  # and two keys
    assert (await ask(query, **{"in": {"states": many}}))["data"]
    more = await ask(query, **{"in": {"states": [*many, "PUBLISHED"]}})
    assert codes(more) == ["QUERY_TOO_COMPLEX"]


@pytest.mark.parametrize("made", [aliases, definitions, depth, directives, root_fields])
async def test_subscriptions_have_the_same_limits(
    server: ServerProcess, address: str, made: Made
) -> None:
    """The field is invalid, but the limit is checked first."""
    ask = by_socket(server.url, address)
    assert codes(await ask(f"subscription {made(LIMITS[made])}")) != ["QUERY_TOO_COMPLEX"]
    assert codes(await ask(f"subscription {made(LIMITS[made] + 1)}")) == ["QUERY_TOO_COMPLEX"]


@pytest.mark.parametrize(("query", "variables"), WRONG)
async def test_nothing_is_suggested(ask: Ask, query: str, variables: dict[str, object]) -> None:
    answer = await ask(query, **variables)
    assert set(codes(answer)) == {"BAD_USER_INPUT"}
    assert "Did you mean" not in str(answer)
