"""Requests with hostile variables, and bodies that are not valid JSON."""

import base64
import json

from tests.hostile.documents import FINE, TOO_MUCH, WRONG, nested

Body = tuple[str, str, str]

WHERE = "query NEW($in: OfferWhere) { offers(where: $in) { totalCount } }"
IDS = "query NEW($in: [ID!]!) { nodes(ids: $in) { id } }"
FIRST = "query NEW($in: Int) { offers(first: $in) { totalCount } }"
SEARCH = "query NEW($in: String) { offers(search: $in) { totalCount } }"
NEAR = "query NEW($in: Float!) { offers(near: {latitude: $in, longitude: 1}) { totalCount } }"
AFTER = "query NEW($in: String) { offers(after: $in) { totalCount } }"
LOCALE = "query NEW($in: String) { offers { nodes { title(locale: $in) } } }"
CREATE = "mutation NEW($in: CreateOfferInput!) { createOffer(input: $in) { errors { code } } }"
REGISTER = "mutation NEW($in: RegisterInput!) { register(input: $in) { errors { code } } }"
REFRESH = (
    "mutation NEW($in: RefreshSessionInput!) { refreshSession(input: $in) { errors { code } } }"
)
OFFER = (
    '{"vendorId": "x", "startsAt": "2026-05-31T18:30:00Z", "endsAt": "2026-06-30T18:30:00Z",'
    ' "title": %s, "discount": {"percent": 1}, "pinCodes": %s}'
)


def listed(number: int, value: str) -> str:
    return f"[{','.join([value] * number)}]"


def keyed(number: int) -> str:
    return json.dumps({f"key{one}": 1 for one in range(number)})


def long(number: int, repeated: str = "a") -> str:
    return json.dumps((repeated * number)[:number], ensure_ascii=False)


# The document, `$in` as JSON, and the expected code; None if the body is no GraphQL request.
BODIES: dict[str, tuple[str, str, str | None]] = {
    "lists in lists": (IDS, nested(900, "[", "1", "]"), WRONG),
    "80,000 lists in lists": (IDS, nested(80_000, "[", "1", "]"), None),
    "objects in objects": (WHERE, nested(400, '{"states":', "1", "}"), WRONG),
    "80,000 numbers for ids": (IDS, listed(80_000, "1"), TOO_MUCH),
    "80,000 objects for ids": (IDS, listed(80_000, "{}"), TOO_MUCH),
    "20,000 right states": (
        WHERE,
        f'{{"states":{listed(20_000, json.dumps("PUBLISHED"))}}}',
        TOO_MUCH,
    ),
    "900 right states": (WHERE, f'{{"states":{listed(900, json.dumps("PUBLISHED"))}}}', FINE),
    "900 wrong states": (WHERE, f'{{"states":{listed(900, "1")}}}', WRONG),
    "15,000 unknown keys": (WHERE, keyed(15_000), TOO_MUCH),
    "900 unknown keys": (WHERE, keyed(900), WRONG),
    "9,000 titles": (CREATE, OFFER % (listed(9_000, '{"locale":"en","text":"a"}'), "[]"), TOO_MUCH),
    "300 titles": (CREATE, OFFER % (listed(300, '{"locale":"en","text":"a"}'), "[]"), WRONG),
    "60,000 pin codes": (CREATE, OFFER % ("[]", listed(60_000, '"1"')), TOO_MUCH),
    "a million values": (IDS, listed(1_000_000, "1"), None),
    "a whole number of 200,000 digits": (FIRST, "9" * 200_000, None),
    "a whole number of 19 digits": (FIRST, "9" * 19, WRONG),
    "a length below nothing": (FIRST, "-9223372036854775808", WRONG),
    "no number": (NEAR, "NaN", None),
    "no end": (NEAR, "Infinity", None),
    "1e999": (NEAR, "1e999", None),
    "1e308": (NEAR, "1e308", WRONG),
    "an id of 240,000": ("query NEW($in: ID!) { node(id: $in) { id } }", long(240_000), WRONG),
    "a search of 240,000": (SEARCH, long(240_000, "ab "), WRONG),
    "a search of marks": (SEARCH, long(40_000, "a\u0301\u0489"), WRONG),
    "a search for NUL": (SEARCH, '"ab\\u0000"', WRONG),
    "half of a character": (SEARCH, '"ab\\ud800"', None),
    "a cursor of 240,000": (AFTER, long(240_000), WRONG),
    "a cursor of lists": (
        AFTER,
        json.dumps(base64.urlsafe_b64encode(b"[" * 150_000).decode()),
        WRONG,
    ),
    "a language of 240,000": (LOCALE, long(240_000, "en-"), FINE),
    "an address of 240,000": (
        REGISTER,
        f'{{"email":{long(240_000, "a@b.")},"password":"correct horse","name":"x"}}',
        FINE,
    ),
    "a password of 240,000": (
        REGISTER,
        f'{{"email":"a@haat.example","password":{long(240_000)},"name":"x"}}',
        FINE,
    ),
    "a token of 240,000": (REFRESH, f'{{"refreshToken":{long(240_000)}}}', FINE),
    "a megabyte": (SEARCH, long(1_000_000), None),
}


def body(document: str, variables: str = "null") -> bytes:
    """Return a request body; `variables` is JSON, or almost."""
    return f'{{"query":{json.dumps(document)},"variables":{variables}}}'.encode(errors="replace")
