"""Each mutation that takes text on one line cleans it, and refuses invisible text."""

import pytest
from graphql import GraphQLInputObjectType, GraphQLInputType, build_schema, get_named_type

from models.vendors import MemberRole
from tests.client import Client, gid
from tests.domains import of_domains
from tests.factories.world import World
from tests.resolvers.identity import texts as identity
from tests.resolvers.texts import TextCase
from tools.artifacts import SDL

# Each domain names the texts that its mutations take. CODES are compared, parsed or looked up, and
# never shown to another user as they came.
DOMAINS = of_domains("resolvers", "texts")
ONE_LINE, PARAGRAPHS, CODES = (
    {path for domain in DOMAINS for path in getattr(domain, name, ())}
    for name in ("ONE_LINE", "PARAGRAPHS", "CODES")
)
HOSTILE = "Haat\r\n\u202eSecurity \u2028\u200b\u2066team\x07"
CLEAN = "Haat Security team"


def string_inputs(kind: GraphQLInputType, path: str) -> set[str]:
    named = get_named_type(kind)
    if isinstance(named, GraphQLInputObjectType):
        fields = named.fields.items()
        return {s for name, field in fields for s in string_inputs(field.type, f"{path}.{name}")}
    return {path} if named.name == "String" else set()


def cases(vendor: str, text: str) -> list[TextCase]:
    """Return mutations of all domains that take this text."""
    given = [domain.cases(vendor, text) for domain in DOMAINS if hasattr(domain, "cases")]
    return [case for cases in given for case in cases]


def test_every_text_of_a_mutation_is_listed_by_its_domain() -> None:
    """A new one has a type of `models/text.py`, or is a code."""
    mutations = build_schema(SDL.read_text()).mutation_type
    assert mutations is not None
    found = {
        path.replace(".input.", ".")
        for name, field in mutations.fields.items()
        for argument, given in field.args.items()
        for path in string_inputs(given.type, f"{name}.{argument}")
    }
    found = {path for path in found if not path.endswith((".locale", ".pinCodes"))}
    assert found == ONE_LINE | PARAGRAPHS | CODES, (
        "list the text in ONE_LINE, PARAGRAPHS or CODES of tests/resolvers/<domain>/texts.py"
    )


@pytest.mark.parametrize("text", ["\u200b", " \n ", "\u3164\u3164\u3164", "\u2800", "\u202e\u2066"])
async def test_names_and_titles_need_a_visible_character(
    world: World, api: Client, text: str
) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    for case in cases(gid(vendor), text):
        payload = await api.signed_in(owner).do(case.mutation, case.input)
        assert [(one["code"], one["field"]) for one in payload["errors"]] == [
            ("INVALID_INPUT", case.field)
        ], case.mutation


async def test_names_and_titles_are_stored_on_one_line(world: World, api: Client) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    await world.member(vendor, await world.user(), MemberRole.STAFF)
    client = api.signed_in(owner)
    stored = [case for case in cases(gid(vendor), HOSTILE) if case.result]
    assert len(stored) > 2
    for case in stored:
        payload = await client.do(case.mutation, case.input, case.result)
        assert payload["errors"] == []
        (row,) = (value for name, value in payload.items() if name != "errors")
        assert list(row.values()) == [CLEAN]


async def test_addresses_and_texts_of_pictures_are_stored_on_one_line(
    world: World, api: Client
) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner, country="DE")
    alt = [{"locale": "en", "text": HOSTILE}]
    given = {
        "vendorId": gid(vendor),
        "address": {"streetLines": [HOSTILE], "city": HOSTILE, "postalCode": "50667"},
        "logo": {"uploadId": gid(await world.picture(owner)), "alt": alt},
    }
    fields = "vendor { logo { alt } address { streetLines city } }"
    saved = await api.signed_in(owner).do("updateVendor", given, fields)
    assert saved["errors"] == []
    assert saved["vendor"]["logo"] == {"alt": CLEAN}
    assert saved["vendor"]["address"] == {"streetLines": [CLEAN], "city": CLEAN}


async def test_names_of_people_and_tokens_are_no_web_addresses(world: World, api: Client) -> None:
    client = api.signed_in(await world.user())
    for case in identity.cases(gid(await world.vendor()), "Confirm at evil.com"):
        payload = await client.do(case.mutation, case.input)
        (error,) = payload["errors"]
        assert (error["code"], error["field"]) == ("INVALID_INPUT", case.field)
        assert "web address" in error["message"]
