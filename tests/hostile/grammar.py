"""Random documents of the schema, with values that match existing rows."""

import re
from functools import cache

from graphql import (
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    ValueNode,
    build_schema,
    get_named_type,
    is_leaf_type,
    parse_value,
)
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from hypothesis_graphql import mutations, nodes, queries
from strawberry.relay import from_base64

from tests.client import unknown
from tools.artifacts import SDL

# Types that the generator would fill at random become scalars, filled with existing values.
RENAMED = [
    (re.compile(r"input (DiscountInput|LocalizedTextInput)\b.*?\n\}", re.DOTALL), r"scalar \1"),
    (re.compile(r"\b(apiToken|vendor|offer|voucher|category|parent)Id: ID\b"), r"\1Id: \1Key"),
    (re.compile(r"\b(vendor|offer)\((.*?)id: ID\b", re.DOTALL), r"\1(\2id: \1Key"),
    (re.compile(r"\b(after|before): String\b"), r"\1: Cursor"),
    (re.compile(r"(?<=[:\[] )ID\b|(?<=\[)ID\b"), "Key"),
    (re.compile(r"(?<=[:\[] )Int\b"), "Whole"),
    (re.compile(r"(?<=[:\[] )Float\b"), "Fraction"),
    (re.compile(r"(?<=[:\[] )String\b|(?<=\[)String\b"), "Text"),
]
# Queries that answer everyone. Most of the others are of one user's rows, which random ids miss.
PUBLIC = ["categories", "nodes", "offer", "offers", "product", "products", "vendor", "vendors"]
OURS = ["Cursor", "Fraction", "Key", "Text", "Whole"]
KEYS = {
    "apiTokenKey": "ApiToken",
    "vendorKey": "Vendor",
    "offerKey": "Offer",
    "voucherKey": "Voucher",
} | dict.fromkeys(("categoryKey", "parentKey"), "Category")

NASTY = [
    "",
    " ",
    "\u0000",
    "\u202etxet",
    "\U0001f469\u200d\U0001f469",
    "a\u0301" * 50,
    "'; --",
    "%",
]
WORDS = ["Corner Shop", "rival", "canary", "offer", "en", "hi-IN", "560001", "correct horse"]
VALUES = {
    "BigInt": ["1", '"9007199254740991"', "-1", '"x"'],
    "CountryCode": ['"IN"', '"in"'],
    "CurrencyCode": ['"INR"', '"USD"', '"XXX"'],
    "DateTime": ['"2026-05-31T18:30:00Z"', '"2030-01-01T00:00:00+05:30"', '"9999-12-31T23:59:60Z"'],
    "DiscountInput": ["{percent: 10}", "{percent: -1}", "{buyGet: {buy: 1, get: 1}}", "{}"],
    "EmailAddress": ['"canary.rival@haat.example"', '"new@haat.example"', '"nothing"'],
    "Fraction": ["12.97", "77.59", "0", "-91", "1e308"],
    "LocalizedTextInput": ['{locale: "en", text: "Coffee"}', '{locale: "x", text: ""}'],
    "TimeZone": ['"Asia/Kolkata"'],
    "Whole": ["0", "1", "2", "20", "100", "101", "-1", "2147483647"],
}


@cache
def sdl() -> str:
    """Return the committed schema, with scalars of ours where a type allows too many values."""
    renamed = SDL.read_text()
    for pattern, ours in RENAMED:
        renamed = pattern.sub(ours, renamed)
    return renamed + "\n".join(f"scalar {name}" for name in (*OURS, *KEYS))


@cache
def schema() -> GraphQLSchema:
    return build_schema(sdl())


def document(values: dict[str, SearchStrategy[ValueNode]]) -> SearchStrategy[str]:
    """Generate a document of one root field: half of them with data for everyone."""
    query, public, mutation = (
        st.one_of([made(schema(), fields=[name], custom_scalars=values) for name in fields])
        for made, fields in (
            (queries, names(schema().query_type)),
            (queries, PUBLIC),
            (mutations, names(schema().mutation_type)),
        )
    )
    return st.sampled_from([query, public, public, mutation]).flatmap(lambda made: made)


def names(root: GraphQLObjectType | None) -> list[str]:
    return list(root.fields) if root else []


def scalars(
    ids: list[str], cursors: list[str], texts: list[str]
) -> dict[str, SearchStrategy[ValueNode]]:
    """Return a strategy for each scalar; a scalar that is not listed here accepts any text."""
    anything: SearchStrategy[ValueNode] = st.text(max_size=40).map(nodes.String)
    others = re.findall(r"^scalar (\w+)", SDL.read_text(), re.MULTILINE)
    found = dict.fromkeys(others, anything)
    for name, values in VALUES.items():
        found[name] = st.sampled_from([parse_value(one) for one in values])
    for name, type_ in KEYS.items():
        fitting = [id for id in ids if from_base64(id)[0] == type_]
        found[name] = some(*fitting, *fitting, *fitting, ids[0], "T2ZmZXI6", unknown(type_))
    found["Key"] = some(*ids, "nonsense")
    found["Cursor"] = some(*cursors, "nonsense")
    return found | {"Text": some(*texts, *WORDS, *NASTY) | anything}


def some(*values: str) -> SearchStrategy[ValueNode]:
    return st.sampled_from([nodes.String(one) for one in values])


def everything(type_: GraphQLNamedType, depth: int = 3) -> str:
    """All that can be selected of a type without saying more, so many levels down."""
    if isinstance(type_, GraphQLUnionType):
        return " ".join(f"... on {one.name} {{ {everything(one, depth)} }}" for one in type_.types)
    selected = ["__typename"]
    for name, field in type_.fields.items() if isinstance(type_, GraphQLObjectType) else ():
        below = get_named_type(field.type)
        if is_leaf_type(below):
            selected.append(name)
        elif depth > 1:
            selected.append(f"{name} {{ {everything(below, depth - 1)} }}")
    return " ".join(selected)
