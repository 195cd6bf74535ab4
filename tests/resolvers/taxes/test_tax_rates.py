"""Rates of taxes: set and ended by admins, seen by all users."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from core.clock import now
from models.catalog.products import TaxClass
from models.taxes.rates import MAX_DAYS_AHEAD, TaxRate
from tests.client import Client, gid, unknown
from tests.factories.taxes import GST_START
from tests.factories.world import World
from tests.resolvers.audit.test_audit_log import read_log

RATES = """query ($where: TaxRateWhere) { taxRates(where: $where) {
  nodes { country region forTaxClass hsnPrefix bps cessBps startsOn endsOn } totalCount } }"""
SHOWN = "taxRate { id bps startsOn endsOn }"
STANDARD = {"country": "IN", "taxClass": "STANDARD", "bps": 1_800, "source": "A notification"}
FAR = timedelta(days=400)


def day(days: int) -> str:
    return (now().date() + timedelta(days=days)).isoformat()


@pytest.fixture
async def admin(world: World, api: Client) -> Client:
    return api.signed_in(await world.admin())


async def set_rate(client: Client, **values: Any) -> dict[str, Any]:
    payload = await client.do("setTaxRate", STANDARD | {"startsOn": day(0)} | values, SHOWN)
    assert payload["errors"] == []
    rate: dict[str, Any] = payload["taxRate"]
    return rate


async def spans(client: Client, **where: Any) -> list[tuple[int, str, str | None]]:
    """Return the rates with their days, the first one first."""
    found = (await client.ask(RATES, where=where))["taxRates"]["nodes"]
    return [(one["bps"], one["startsOn"], one["endsOn"]) for one in reversed(found)]


async def test_a_rate_ends_the_one_before(world: World, admin: Client) -> None:
    await world.tax_rate()
    await world.tax_rate(tax_class=TaxClass.REDUCED, bps=500)
    await set_rate(admin, bps=2_000, startsOn=day(30))
    await set_rate(admin, bps=1_600, startsOn=day(10))
    assert await spans(admin, taxClass="STANDARD") == [
        (1_800, GST_START.isoformat(), day(9)),
        (1_600, day(10), day(29)),
        (2_000, day(30), None),
    ]
    assert await spans(admin, taxClass="REDUCED") == [(500, GST_START.isoformat(), None)]
    entries = await read_log(admin, act="SET_TAX_RATE", outcome="DONE", count=2)
    assert len({entry["subjectId"] for entry in entries}) == 2


async def test_the_same_rate_changes_nothing_and_the_same_day_replaces(
    world: World, admin: Client
) -> None:
    first = await set_rate(admin)
    assert await set_rate(admin, startsOn=day(5)) == first
    second = await set_rate(admin, bps=1_200)
    assert (second["id"], second["bps"]) == (first["id"], 1_200)
    assert await spans(admin) == [(1_200, day(0), None)]


async def test_rates_of_regions_and_hsn_codes_are_apart(world: World, admin: Client) -> None:
    await set_rate(admin)
    await set_rate(admin, bps=2_800, region="GOA")
    sweets = {"taxClass": None, "hsnPrefix": " 2202 ", "bps": 2_800, "cessBps": 1_200}
    await set_rate(admin, **sweets)
    await set_rate(admin, country="DE", bps=1_900)
    nodes = (await admin.ask(RATES, where={"country": "IN"}))["taxRates"]["nodes"]
    assert {
        (one["region"], one["forTaxClass"], one["hsnPrefix"], one["cessBps"]) for one in nodes
    } == {
        (None, "STANDARD", None, 0),
        ("Goa", "STANDARD", None, 0),
        (None, None, "2202", 1_200),
    }


async def test_end_tax_rate(world: World, admin: Client) -> None:
    begun = await world.tax_rate()
    planned = await set_rate(admin, bps=2_000, startsOn=day(30))
    for _ in range(2):  # the second one finds nothing
        await admin.do("endTaxRate", {"taxRateId": planned["id"]}, "taxRateId")
    assert await spans(admin) == [(1_800, GST_START.isoformat(), None)]
    for _ in range(2):
        payload = await admin.do("endTaxRate", {"taxRateId": gid(begun)}, "taxRateId")
        assert payload == {"taxRateId": gid(begun), "errors": []}
    assert await spans(admin) == [(1_800, GST_START.isoformat(), day(0))]
    assert await spans(admin, on=day(0)) == await spans(admin)
    assert await spans(admin, on=day(1)) == []
    await set_rate(admin)  # and back
    assert await spans(admin) == [(1_800, GST_START.isoformat(), None)]
    today = await set_rate(admin, bps=500)
    await admin.do("endTaxRate", {"taxRateId": today["id"]}, "taxRateId")
    assert await spans(admin) == [(1_800, GST_START.isoformat(), None)]
    assert len(await read_log(admin, act="END_TAX_RATE", outcome="DONE", count=4)) == 4


async def test_admins_who_set_a_rate_at_once_leave_one(world: World, admin: Client) -> None:
    """The database refuses the others: without a rate before it, there is no row to lock."""
    for first in (True, False):
        answers = await asyncio.gather(
            *(
                admin.do("setTaxRate", STANDARD | {"bps": bps, "startsOn": day(0 if first else 9)})
                for bps in range(1_000, 1_016, 2)
            )
        )
        codes = {error["code"] for answer in answers for error in answer["errors"]}
        assert codes <= {"TAX_RATE_OVERLAPS"}
        assert any(not answer["errors"] for answer in answers)
        days = [(start, end) for _, start, end in await spans(admin)]
        assert days == ([(day(0), None)] if first else [(day(0), day(8)), (day(9), None)])


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"bps": -2}, ["bps"]),
        ({"bps": 10_002}, ["bps"]),
        ({"bps": 25}, ["bps"]),
        ({"cessBps": -1}, ["cessBps"]),
        ({"country": "DE", "cessBps": 100}, ["cessBps"]),
        ({"source": " "}, ["source"]),
        ({"source": "x" * 301}, ["source"]),
        ({"region": "Atlantis"}, ["region"]),
        ({"country": "DE", "region": "Bayern"}, ["region"]),
        ({"taxClass": None}, ["taxClass"]),
        ({"hsnPrefix": "2202"}, ["taxClass"]),
        ({"taxClass": "EXEMPT", "bps": 0}, ["taxClass"]),
        ({"taxClass": "ZERO"}, ["bps"]),
        ({"taxClass": None, "hsnPrefix": "2"}, ["hsnPrefix"]),
        ({"taxClass": None, "hsnPrefix": "22.02"}, ["hsnPrefix"]),
        ({"startsOn": -1}, ["startsOn"]),
        ({"startsOn": MAX_DAYS_AHEAD + 1}, ["startsOn"]),
    ],
)
async def test_set_tax_rate_refuses(
    admin: Client, world: World, values: dict[str, Any], field: list[str]
) -> None:
    given: dict[str, Any] = STANDARD | {"startsOn": 1} | values
    payload = await admin.do("setTaxRate", given | {"startsOn": day(given["startsOn"])})
    assert [(one["code"], one["field"]) for one in payload["errors"]] == [("INVALID_INPUT", field)]
    assert await spans(admin) == []


async def test_tax_rates_as_others(world: World, api: Client) -> None:
    rate: TaxRate = await world.tax_rate()
    user, given = api.signed_in(await world.user()), STANDARD | {"startsOn": day(1)}
    assert await spans(user) == [(1_800, GST_START.isoformat(), None)]
    assert await user.mutation_failed("setTaxRate", given) == ["FORBIDDEN"]
    assert await user.mutation_failed("endTaxRate", {"taxRateId": gid(rate)}) == ["FORBIDDEN"]
    assert await api.failed(RATES, where=None) == ["UNAUTHENTICATED"]
    assert await api.mutation_failed("setTaxRate", given) == ["UNAUTHENTICATED"]
    assert await api.mutation_failed("endTaxRate", {"taxRateId": gid(rate)}) == ["UNAUTHENTICATED"]
    admin = api.signed_in(await world.admin())
    missing = {"taxRateId": unknown("TaxRate")}
    assert await admin.refusal_codes("endTaxRate", missing) == ["NOT_FOUND"]


async def test_pages_of_rates(world: World, admin: Client) -> None:
    """The cursor holds the first day, which rates share."""
    for country in ("AT", "BE", "DE", "FR", "GB"):
        await world.tax_rate(country=country, bps=2_000)
    page = """query ($after: String) { taxRates(first: 2, after: $after) {
        nodes { country } pageInfo { endCursor hasNextPage } } }"""
    seen: list[str] = []
    after = None
    for _ in range(3):
        found = (await admin.ask(page, after=after))["taxRates"]
        seen += [one["country"] for one in found["nodes"]]
        after = found["pageInfo"]["endCursor"]
    assert (sorted(seen), found["pageInfo"]["hasNextPage"]) == (
        ["AT", "BE", "DE", "FR", "GB"],
        False,
    )
