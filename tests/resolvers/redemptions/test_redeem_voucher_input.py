"""Redeeming a voucher: what is typed, what is malformed, and what is sent twice."""

import json
from typing import Any

import pytest

from core.security.codes import check_symbol
from tests.client import Client
from tests.factories.redemptions import ANSWER, Till
from tests.factories.world import World

CODE = "7O0ILM2K9".translate(str.maketrans("OIL", "011"))


@pytest.mark.parametrize(
    "typed",
    [
        "70011-M2K9",
        "70011M2K9",
        "70011m2k9",
        " 7 0 0 1 1 - m 2 k 9",
        "7OOIL-M2K9",
        "7ooil m2k9",
        "70011M2\nk9",
        "]Q170011M2K9",
        "\ufeff70011-M2K9",
        "7001\u200b1\u00a0M2K9",
        *(f"70011{dash}M2K9" for dash in "\u2010\u2011\u2012\u2013\u2014\u2212\uff0d"),
        "".join(chr(ord(symbol) + 0xFEE0) for symbol in "70011-M2K9"),  # full width
        "७००११-M२K९",
    ],
)
async def test_redeem_voucher_by_its_code_however_typed(
    world: World, api: Client, typed: str
) -> None:
    till = await Till.open(world)
    check = check_symbol(CODE)
    await till.voucher(code=f"{CODE[:5]}-{CODE[5:]}{check}")
    payload = await till.redeem(api, code=f"{typed}{check} ")
    assert payload["reason"] == "APPROVED"


@pytest.mark.parametrize(
    "noise",
    ["{}\n", "{}\r\n", "\t{}", " {}", "\ufeff{}", "]Q1{}", " ]Q3{}\n", "\u200b{}\u2060"],
    ids=repr,
)
async def test_redeem_voucher_by_its_token_as_a_scanner_sends_it(
    world: World, api: Client, noise: str
) -> None:
    till = await Till.open(world)
    voucher = await till.voucher()
    wrapped = voucher.token[:80] + "\n" + voucher.token[80:]
    assert (await till.redeem(api, token=noise.format(wrapped)))["reason"] == "APPROVED"


@pytest.mark.parametrize("blank", ["", " ", "\n", "-", "\u200b", "]Q1"])
@pytest.mark.parametrize("field", ["token", "code"])
async def test_redeem_voucher_with_nothing_is_no_attempt(
    world: World, api: Client, field: str, blank: str
) -> None:
    if (field, blank) == ("token", "-"):
        return
    till = await Till.open(world)
    payload = await till.redeem(api, idempotencyKey="scan-1", **{field: blank})
    assert [(one["code"], one["field"]) for one in payload["errors"]] == [
        ("INVALID_INPUT", [field])
    ]
    assert await till.attempts() == []
    voucher = await till.voucher()
    scanned = await till.redeem(api, idempotencyKey="scan-1", code=voucher.code)
    assert scanned["reason"] == "APPROVED"


@pytest.mark.parametrize("both", [True, False])
async def test_redeem_voucher_with_both_or_neither_of_token_and_code(
    world: World, api: Client, both: bool
) -> None:
    till = await Till.open(world)
    voucher = await till.voucher()
    given = {"token": voucher.token, "code": voucher.code} if both else {}
    payload = await till.redeem(api, **given)
    assert [error["code"] for error in payload["errors"]] == ["INVALID_INPUT"]
    assert payload["redemption"] is payload["outcome"] is payload["voucher"] is None
    assert await till.attempts() == []


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"deviceId": "x" * 101}, ["deviceId"]),
        ({"code": "0" * 101}, ["code"]),
        ({"code": None, "token": "x" * 2_001}, ["token"]),
        ({"location": {"latitude": 90.1, "longitude": 0}}, ["location", "latitude"]),
        ({"location": {"latitude": 0, "longitude": -181}}, ["location", "longitude"]),
        ({"idempotencyKey": ""}, ["idempotencyKey"]),
        ({"idempotencyKey": "x" * 101}, ["idempotencyKey"]),
    ],
)
async def test_redeem_voucher_with_a_value_out_of_range(
    world: World, api: Client, given: dict[str, Any], field: list[str]
) -> None:
    till = await Till.open(world)
    payload = await till.redeem(api, **{"code": "00000-00000"} | given)
    assert [(one["code"], one["field"]) for one in payload["errors"]] == [("INVALID_INPUT", field)]
    assert await till.attempts() == []


@pytest.mark.parametrize(
    "given",
    [
        {"deviceId": "till\0"},
        {"idempotencyKey": "key\0"},
        {"vendorId": "VmVuZG9yOjE="},
        {"vendorId": "nonsense"},
    ],
)
async def test_redeem_voucher_with_bad_input(
    world: World, api: Client, given: dict[str, str]
) -> None:
    till = await Till.open(world)
    client = api.signed_in(till.scanner)
    scan = till.scan(code="00000-00000", **given)
    assert await client.mutation_failed("redeemVoucher", scan) == ["BAD_USER_INPUT"]


async def test_redeem_voucher_with_half_a_character(world: World, api: Client) -> None:
    till = await Till.open(world)
    query = "mutation ($input: RedeemVoucherInput!) { redeemVoucher(input: $input) { outcome } }"
    scan = till.scan(code="00000-00000", deviceId="\ud800")
    response = await api.http.post(
        "/graphql",
        content=json.dumps({"query": query, "variables": {"input": scan}}),
        headers=api.signed_in(till.scanner).headers | {"Content-Type": "application/json"},
    )
    assert response.status_code == 400
    assert await till.attempts() == []


async def test_redeem_voucher_again_with_the_same_key_is_the_same_answer(
    world: World, api: Client
) -> None:
    till = await Till.open(world)
    voucher = await till.voucher()
    scan = till.scan(token=voucher.token, deviceId="till 1")
    client = api.signed_in(till.scanner)
    first = await client.do("redeemVoucher", scan, ANSWER)
    assert await client.do("redeemVoucher", scan, ANSWER) == first
    assert first["outcome"] == "APPROVED"
    assert len(await till.attempts()) == 1


async def test_redeem_voucher_refused_and_sent_again_is_the_same_answer(
    world: World, api: Client
) -> None:
    till = await Till.open(world)
    scan = till.scan(token="garbage")
    client = api.signed_in(till.scanner)
    first = await client.do("redeemVoucher", scan, ANSWER)
    assert await client.do("redeemVoucher", scan, ANSWER) == first
    assert len(await till.attempts()) == 1


async def test_redeem_voucher_with_a_key_of_another_input(world: World, api: Client) -> None:
    till = await Till.open(world)
    voucher = await till.voucher()
    client = api.signed_in(till.scanner)
    await client.do("redeemVoucher", till.scan(token="garbage", idempotencyKey="k"))
    for given in ({"token": voucher.token}, {"token": "garbage", "deviceId": "till 2"}):
        scan = till.scan(idempotencyKey="k", **given)
        assert await client.refusal_codes("redeemVoucher", scan) == ["IDEMPOTENCY_KEY_REUSED"]
