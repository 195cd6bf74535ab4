"""Each mutation that takes text on one line cleans it, and refuses invisible text."""

from typing import Any

import pytest
from graphql import GraphQLInputObjectType, GraphQLInputType, build_schema, get_named_type

from models.vendors import MemberRole
from tests.client import Client, gid
from tests.factories.world import World
from tools.artifacts import SDL

ONE_LINE = {
    "acceptAdminInvitation.name",
    "createApiToken.name",
    "createCategory.name.text",
    "createOffer.discount.freeItem.text",
    "createOffer.pictures.alt.text",
    "createOffer.title.text",
    "createUpload.fileName",
    "createVendor.city",
    "createVendor.name",
    "redeemVoucher.deviceId",
    "register.name",
    "saveCannedReply.title",
    "updateCategory.name.text",
    "updateOffer.discount.freeItem.text",
    "updateOffer.pictures.alt.text",
    "updateOffer.title.text",
    "updateVendor.address.city",
    "updateVendor.address.streetLines",
    "updateVendor.address.subdivision",
    "updateVendor.cover.alt.text",
    "updateVendor.gallery.alt.text",
    "updateVendor.logo.alt.text",
}
PARAGRAPHS = {
    "createOffer.description.text",
    "createOffer.terms.text",
    "createVendor.description.text",
    "editMessage.text",
    "reportMessage.note",
    "saveCannedReply.text",
    "saveChatHours.autoReply",
    "sendMessage.text",
    "updateOffer.description.text",
    "updateOffer.terms.text",
    "updateVendor.description.text",
}
# Compared, parsed or looked up, and never shown to another user as it came.
CODES = {
    "acceptAdminInvitation.password",
    "acceptAdminInvitation.token",
    "createCategory.slug",
    "createVendor.idempotencyKey",
    "createVendor.pinCode",
    "updateCategory.slug",
    "claimOffer.idempotencyKey",
    "createOffer.idempotencyKey",
    "createUpload.contentType",
    "logIn.email",
    "logIn.password",
    "reauthenticate.password",
    "logOut.refreshToken",
    "redeemVoucher.code",
    "redeemVoucher.idempotencyKey",
    "redeemVoucher.token",
    "refreshSession.refreshToken",
    "register.email",
    "register.password",
    "registerDevice.token",
    "resendVerification.registrationSecret",
    "sendMessage.clientMessageId",
    "updateVendor.address.postalCode",
    "verifyEmail.code",
    "verifyEmail.password",
    "verifyEmail.registrationSecret",
    "verifyEmail.token",
}
HOSTILE = "Haat\r\n\u202eSecurity \u2028\u200b\u2066team\x07"
CLEAN = "Haat Security team"


def string_inputs(kind: GraphQLInputType, path: str) -> set[str]:
    named = get_named_type(kind)
    if isinstance(named, GraphQLInputObjectType):
        fields = named.fields.items()
        return {s for name, field in fields for s in string_inputs(field.type, f"{path}.{name}")}
    return {path} if named.name == "String" else set()


def test_every_text_of_a_mutation_is_listed_here() -> None:
    """A new one has a type of `models/text.py`, and a case in the test below, or is a code."""
    mutations = build_schema(SDL.read_text()).mutation_type
    assert mutations is not None
    found = {
        path.replace(".input.", ".")
        for name, field in mutations.fields.items()
        for argument, given in field.args.items()
        for path in string_inputs(given.type, f"{name}.{argument}")
    }
    found = {path for path in found if not path.endswith((".locale", ".pinCodes"))}
    assert found == ONE_LINE | PARAGRAPHS | CODES


@pytest.mark.parametrize("text", ["\u200b", " \n ", "\u3164\u3164\u3164", "\u2800", "\u202e\u2066"])
async def test_names_and_titles_need_a_visible_character(
    world: World, api: Client, text: str
) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    for mutation, given, field in cases(gid(vendor), text):
        payload = await api.signed_in(owner).do(mutation, given)
        assert [(one["code"], one["field"]) for one in payload["errors"]] == [
            ("INVALID_INPUT", field)
        ], mutation


async def test_names_and_titles_are_stored_on_one_line(world: World, api: Client) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    await world.member(vendor, await world.user(), MemberRole.STAFF)
    client = api.signed_in(owner)
    results = {
        "createApiToken": "apiToken { name }",
        "saveCannedReply": "cannedReply { title }",
        "createOffer": "offer { title }",
    }
    for mutation, given, _ in cases(gid(vendor), HOSTILE):
        if mutation in {"register", "updateVendor"}:  # the one has no type, the other is below
            continue
        payload = await client.do(mutation, given, results[mutation])
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
    for mutation, given, field in cases(gid(await world.vendor()), "Confirm at evil.com")[:2]:
        payload = await client.do(mutation, given)
        (error,) = payload["errors"]
        assert (error["code"], error["field"]) == ("INVALID_INPUT", field)
        assert "web address" in error["message"]


def cases(vendor: str, text: str) -> list[tuple[str, dict[str, Any], list[str]]]:
    """Return mutations with their input, and the path of the field with the text."""
    account = {"email": "one@haat.example", "password": "correct horse battery"}
    offer = {
        "vendorId": vendor,
        "title": [{"locale": "en", "text": text}],
        "discount": {"percent": 10},
        "startsAt": "2030-01-01T00:00:00Z",
        "endsAt": "2031-01-01T00:00:00Z",
    }
    address = {"streetLines": ["1 Lane"], "city": text, "postalCode": "560001"}
    return [
        ("register", account | {"name": text}, ["name"]),
        ("createApiToken", {"name": text, "scopes": ["READ"]}, ["name"]),
        ("saveCannedReply", {"vendorId": vendor, "title": text, "text": "Thanks"}, ["title"]),
        ("createOffer", offer, ["title", "0", "text"]),
        (
            "updateVendor",
            {"vendorId": vendor, "address": address},
            ["address", "city"],
        ),
    ]
