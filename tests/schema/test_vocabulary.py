"""One name, one type and one unit for the same thing in all of the schema."""

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    get_named_type,
)

TYPES = {
    "country": "CountryCode",
    "currency": "CurrencyCode",
    "timeZone": "TimeZone",
    "url": "URL",
    "website": "URL",
}
# A wrong address is an entry of `errors`, as those of forms are.
PARSED = {"StartProviderPayload.url", *(f"{x}VendorInput.website" for x in ("Create", "Update"))}
PARSED |= {"ApplyAsVendorInput.website"}
FOLLOWED = re.compile(r"\w+(Changes|Status)|typing|presence|vendorRedemptions")
# Filters of instants have a first time that counts and a last one that does not.
WINDOW = re.compile(r"\w+(From|Before|After|At)|at|before")
TIME_UNIT = re.compile(r"\b(minutes|hours|days|seconds)\b")
NAMES_UNIT = re.compile(r"(?i)minutes?|hours?|days?|seconds?|bps$")
COUNTS = {
    "AuditEntry.times": "a count within seconds",
    "SaleQueue.pace": "people in a minute",
    "SaleQueueEntry.number": "a place in the queue",
    "WaitlistEntry.skips": "a count",
    "Session.expiresIn": "the name of RFC 6749",
    "PhoneCodePayload.resendAfter": "seconds, as the HTTP header Retry-After",
    "Invoice.pdf.expiresIn": "seconds, as of a session",
    "Query.ticketsPdf.expiresIn": "seconds, as of a session",
}
# All times of a service are minutes, but for the days ahead.
IN_MINUTES = {"Service", "ServiceProvider", "SaveServiceInput", "ServiceProviderInput"}


# Words that need the description of another value.
LEANS = re.compile(r"\b([Ss]uch an? |[Tt]he same as above|[Tt]he former|[Tt]he latter)\b")
# An address has all of these, whatever it is of.
ADDRESS = {"streetLines", "city", "subdivision", "postalCode", "country", "formatted"}
# Enums with the same values, by different words of the domain.
ALIKE = {
    frozenset({"PackState", "ResourceState", "TicketTypeState", "VariantState"}): "own rules",
}


class SchemaName(NamedTuple):
    """A field or an argument: its place, name, type and description."""

    place: str
    name: str
    kind: str
    text: str
    is_input: bool


def named(schema: GraphQLSchema) -> Iterator[SchemaName]:
    """Return all fields and arguments."""
    for one in schema.type_map.values():
        if one.name.startswith("__") or not hasattr(one, "fields"):
            continue
        is_input = isinstance(one, GraphQLInputObjectType)
        for name, field in one.fields.items():
            place, kind = f"{one.name}.{name}", get_named_type(field.type).name
            yield SchemaName(place, name, kind, field.description or "", is_input)
            for key, argument in getattr(field, "args", {}).items():
                kind, text = get_named_type(argument.type).name, argument.description or ""
                yield SchemaName(f"{place}.{key}", key, kind, text, is_input=True)


def wrong(schema: GraphQLSchema) -> list[str]:
    """Return what has another name, type or unit than the same thing elsewhere."""
    found = []
    for one in named(schema):
        expected = TYPES.get(one.name, one.kind)
        if one.kind != expected and one.place not in PARSED:
            found.append(f"{one.place} is {one.kind}, not {expected}")
        if one.name.endswith("Minor") and not one.is_input and one.place != "Money.amountMinor":
            found.append(f"{one.place} is an amount without a currency: return Money")
        if one.is_input and one.kind == "DateTime" and is_filter(one) and not fits(one):
            found.append(f"{one.place} filters by time: call it …From or …Before")
        if one.kind == "Date" and one.name in {"firstDay", "from", "until", "since"}:
            found.append(f"{one.place} is a day: call it fromDay or untilDay")
        if one.kind in {"Int", "Float"} and lacks_unit(one):
            found.append(f"{one.place} counts time: name the unit")
        if one.name.endswith("ByViewer"):
            found.append(f"{one.place} is about the caller: call it …ByMe")
    return found + wrong_addresses(schema) + wrong_subscriptions(schema)


def wrong_addresses(schema: GraphQLSchema) -> list[str]:
    """Return the parts that addresses of some types lack."""
    return [
        f"{kind.name} is an address without {part}"
        for kind in schema.type_map.values()
        if isinstance(kind, GraphQLObjectType) and "streetLines" in kind.fields
        for part in sorted(ADDRESS - kind.fields.keys())
    ]


def alike(schema: GraphQLSchema) -> set[frozenset[str]]:
    """Return the names of enums that have the same values."""
    names: dict[frozenset[str], set[str]] = defaultdict(set)
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLEnumType) and not kind.name.startswith("__"):
            names[frozenset(kind.values)].add(kind.name)
    return {frozenset(one) for one in names.values() if len(one) > 1}


def is_filter(one: SchemaName) -> bool:
    """Return whether it is an argument of a field, or part of a `where`."""
    parts = one.place.split(".")
    return len(parts) == 3 or parts[0].endswith("Where")


def fits(one: SchemaName) -> bool:
    return WINDOW.fullmatch(one.name) is not None


def lacks_unit(one: SchemaName) -> bool:
    unnamed = TIME_UNIT.search(one.text) and not NAMES_UNIT.search(one.name)
    known = one.place in COUNTS or one.place.split(".")[0] in IN_MINUTES
    return bool(unnamed) and not known


def wrong_subscriptions(schema: GraphQLSchema) -> list[str]:
    followed = schema.subscription_type or GraphQLObjectType("Subscription", {})
    names = [name for name in followed.fields if not FOLLOWED.fullmatch(name)]
    return [f"Subscription.{name}: call it …Changes, or …Status of one row" for name in names]


def test_one_thing_has_one_name_type_and_unit(graph: GraphQLSchema) -> None:
    assert wrong(graph) == []


def test_enums_with_the_same_values_have_a_reason(graph: GraphQLSchema) -> None:
    assert alike(graph) == ALIKE.keys()


def test_acts_are_described_as_acts(graph: GraphQLSchema) -> None:
    act = graph.type_map["AuditAct"]
    assert isinstance(act, GraphQLEnumType)
    texts = [value.description or "" for value in act.values.values()]
    assert [text for text in texts if not re.match(r"[A-Z][a-z]+ing\b", text)] == []
    assert len(set(texts)) == len(texts)


def test_values_are_described_without_the_one_before(graph: GraphQLSchema) -> None:
    """A client shows the description of one value, in an order of its own."""
    assert [text for text in of_values(graph) if LEANS.search(text)] == []
    assert LEANS.search("Ending such an address.")


def of_values(schema: GraphQLSchema) -> list[str]:
    return [
        value.description or ""
        for kind in schema.type_map.values()
        if isinstance(kind, GraphQLEnumType)
        for value in kind.values.values()
    ]


def test_the_exceptions_are_used(graph: GraphQLSchema) -> None:
    places = {one.place for one in named(graph)}
    assert {place for place in {*PARSED, *COUNTS} if place not in places} == set()


def test_what_is_named_otherwise_is_found() -> None:
    schema = build_schema('''
      scalar Date scalar DateTime
      type Query { shop(since: DateTime, firstDay: Date): Shop }
      type Subscription { shopChanged: Shop }
      type Shop { timeZone: String priceMinor: Int likedByViewer: Boolean
        """The minutes of a visit.""" duration: Int }
      type Place { streetLines: String city: String subdivision: String zip: String
        country: CountryCode formatted: String }
      scalar CountryCode
      enum Size { S M } enum Length { M S }
    ''')
    assert alike(schema) == {frozenset({"Size", "Length"})}
    assert [line.split()[0] for line in wrong(schema)] == [
        "Query.shop.since",
        "Query.shop.firstDay",
        "Shop.timeZone",
        "Shop.priceMinor",
        "Shop.likedByViewer",
        "Shop.duration",
        "Place",
        "Subscription.shopChanged:",
    ]
