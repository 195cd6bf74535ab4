"""Charts: imported from files, published in versions, drawn, and opened on dates."""

import json
from typing import Any
from xml.etree import ElementTree

import pytest
from sqlmodel import col, select

from models.errors import InvalidInput
from models.events.seats.charts import Chart, ChartState, Seat
from models.events.seats.seat_maps import PlaceState, SeatPlace, SeatRow
from models.events.venues import Venue
from models.vendors import MemberRole, Vendor
from services.events.charts.files import ChartFormat, read_chart
from tests.client import Client, gid
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.resolvers.events.inputs import dates_input, keyed

CSV = """section,kind,entrance,capacity,row,category,seats,y
Stalls,,North,,A,Front,1-4 _ 5 6:a 7:c6 8:r,1
Stalls,,,,B,Rear,9-1,2
Pit,STANDING,,200,,,,
"""
SECTION = """sections {
  sectionId name sectionKind entrance capacity
  rows { label block rank category { name colour } seats {
    ids numbers positions xs ys accessibleIds companionIds restrictedIds } }
}"""
SHOWN = f"chart {{ id name version state seats standing svg {SECTION} }}"


def chart_input(venue: Venue, content: str = CSV, **changes: Any) -> dict[str, Any]:
    given = {"venueId": gid(venue), "name": "Hall", "format": "CSV", "content": content}
    return keyed(**given) | changes


async def scene(world: World, api: Client) -> tuple[Venue, Client]:
    vendor, user = await world.vendor(), await world.user()
    await world.member(vendor, user, MemberRole.MANAGER)
    return await world.venue(vendor), api.signed_in(user)


async def vendor_of(world: World, venue: Venue) -> Vendor:
    async with world.database.session() as session:
        return await session.get_one(Vendor, venue.vendor_id)


async def test_a_chart_is_read_from_csv(world: World, api: Client) -> None:
    venue, client = await scene(world, api)
    input = chart_input(venue)
    payload = await client.do("saveChart", input, SHOWN)
    assert payload["errors"] == []
    chart = payload["chart"]
    assert (chart["version"], chart["state"], chart["seats"], chart["standing"]) == (
        1,
        "DRAFT",
        17,
        200,
    )
    stalls, pit = chart["sections"]
    assert (stalls["entrance"], stalls["sectionKind"]) == ("North", "SEATED")
    assert (pit["sectionKind"], pit["capacity"], pit["rows"]) == ("STANDING", 200, [])
    first, second = stalls["rows"]
    assert (first["label"], first["rank"], first["category"]["name"]) == ("A", 0, "Front")
    seats = first["seats"]
    assert seats["numbers"] == ["1", "2", "3", "4", "5", "6", "7", "8"]
    assert seats["positions"] == [0, 1, 2, 3, 5, 6, 7, 8], "the aisle skips one"
    assert seats["accessibleIds"] == [seats["ids"][5]]
    assert seats["companionIds"] == [seats["ids"][6]]
    assert seats["restrictedIds"] == [seats["ids"][7]]
    assert second["seats"]["numbers"] == [str(number) for number in range(9, 0, -1)]
    drawing = ElementTree.fromstring(chart["svg"])
    drawn = {one.get("id") for one in drawing.iter() if "seat" in (one.get("class") or "").split()}
    assert drawn == {*seats["ids"], *second["seats"]["ids"]}
    assert await client.do("saveChart", input, SHOWN) == payload, "the same key"


async def test_a_long_row_becomes_blocks_and_json_says_the_same(world: World, api: Client) -> None:
    venue, client = await scene(world, api)
    rows = [{"label": "A", "category": "All", "seats": "1-100", "y": 3}]
    sections = [{"name": "Stand", "rows": rows}]
    content = {"sections": sections, "categories": [{"name": "All", "colour": "#112233"}]}
    given = chart_input(venue, json.dumps(content), format="JSON")
    shown = (await client.do("saveChart", given, SHOWN))["chart"]
    blocks = shown["sections"][0]["rows"]
    assert sorted((row["block"], len(row["seats"]["ids"])) for row in blocks) == [(0, 62), (1, 38)]
    assert blocks[0]["category"]["colour"] == "#112233"
    rows[0]["seats"] = [{"number": "1A", "pos": 0, "x": 5.5, "y": 1}]
    again = chart_input(venue, json.dumps(content), format="JSON")
    shown = (await client.do("saveChart", again, SHOWN))["chart"]
    assert (shown["version"], shown["seats"]) == (1, 1), "the draft is replaced"
    assert shown["sections"][0]["rows"][0]["seats"]["xs"] == [5.5]
    async with world.database.session() as session:
        assert len((await session.exec(select(Seat))).all()) == 1


@pytest.mark.parametrize(
    ("content", "format"),
    [
        ("[]", "JSON"),
        ("{", "JSON"),
        ('{"sections": []}', "JSON"),
        ('{"sections": [{"name": "A", "rows": []}]}', "JSON"),
        ('{"sections": [{"name": "A", "rows": [{"label": "A", "category": "B"}]}]}', "JSON"),
        ('{"unknown": 1}', "JSON"),
        ("row,seats\nA,1-4\n", "CSV"),
        ("section,row,seats\nA,A,1 1\n", "CSV"),
        ("section,row,seats\nA,A,1:c2\n", "CSV"),
        ("section,row,seats\nA,A,1:z\n", "CSV"),
        ("section,row,seats\nA,A,1-9999\n", "CSV"),
        ("section,row,seats\nA,A,\n", "CSV"),
        ("section,kind\nA,STANDING\n", "CSV"),
        ("", "CSV"),
        ("a" * 200_001, "CSV"),
    ],
)
async def test_files_that_are_not_valid(
    world: World, api: Client, content: str, format: str
) -> None:
    venue, client = await scene(world, api)
    payload = await client.do("saveChart", chart_input(venue, content, format=format))
    assert {error["code"] for error in payload["errors"]} == {"INVALID_INPUT"}
    assert payload["errors"][0]["field"][0] == "content"


@pytest.mark.parametrize(
    ("content", "message", "path"),
    [
        ('{"rows": []}', "This name is not known.", ["rows"]),
        ('{"sections": 1}', "Must be a list.", ["sections"]),
        ('{"sections": [1]}', "Must be an object with names and values.", ["sections", "0"]),
        ('{"sections": [{}]}', "Must not be missing.", ["sections", "0", "name"]),
        ('{"focal_x": "left", "sections": []}', "Must be a number.", ["focalX"]),
        ("section,row,seat\nA,A,1-4\n", "“seat” is not a column of a chart.", []),
        ("row,seats\nA,1-4\n", "The column “section” is missing.", []),
        ("section,row,row\nA,1,4\n", "Two columns are named “row”.", []),
        (
            "section,kind\nA,standing\n",
            "Must be one of the known values.",
            ["sections", "0", "kind"],
        ),
        (
            "section,row,seats\nA,A,1-\n",
            "“1-” is not a seat.",
            ["sections", "0", "rows", "0", "seats"],
        ),
    ],
)
def test_what_is_wrong_in_a_file_is_said_in_words_that_are_translated(
    content: str, message: str, path: list[str]
) -> None:
    format = ChartFormat.JSON if content.startswith("{") else ChartFormat.CSV
    with pytest.raises(InvalidInput) as raised:
        read_chart("Hall", content, format)
    found = [(str(one), one.field) for one in (raised.value, *raised.value.further)]
    assert (message, ["content", *path]) in found


def test_rows_without_a_category_have_that_of_their_section() -> None:
    rows = [{"label": "A", "seats": "1-2"}, {"label": "B", "seats": "1-2", "category": "Rear"}]
    sections = [{"name": "Hall", "rows": rows}, {"name": "Box", "category": "Best", "rows": rows}]
    chart = read_chart("Hall", json.dumps({"sections": sections}), ChartFormat.JSON)
    assert [[row.category for row in one.rows] for one in chart.sections] == [
        ["Hall", "Rear"],
        ["Best", "Rear"],
    ]


def of_rows(*rows: dict[str, Any], **section: Any) -> str:
    """Return a file of one section."""
    of = [{"label": "A", "category": "A", "seats": "1"} | row for row in rows]
    return json.dumps({"sections": [{"name": "Hall", "rows": of} | section]})


@pytest.mark.parametrize(
    "content",
    [
        of_rows(*[{"label": str(n), "seats": "1-500"} for n in range(201)]),
        of_rows({"x": 100_000, "dx": 100, "seats": "1-500"}),
        of_rows({"x": 100_000}, x=1),
        of_rows({"x": float("nan")}),
        of_rows({"seats": [{"number": "1", "pos": 0, "x": float("inf")}]}),
        of_rows(*[{"seats": str(n)} for n in range(101)]),
        of_rows({"label": "\ud800"}),
    ],
    ids=["seats", "far", "apart", "nan", "infinite", "blocks", "surrogate"],
)
async def test_files_that_would_not_fit(world: World, api: Client, content: str) -> None:
    """A row of a few characters can stand for 500 seats, which are counted before they are made."""
    venue, client = await scene(world, api)
    input = chart_input(venue, content, format="JSON")
    assert await client.refusal_codes("saveChart", input) == ["INVALID_INPUT"]
    assert await api.mutation_failed("saveChart", input) == ["UNAUTHENTICATED"]


def test_seats_are_counted_before_rows_are_read() -> None:
    """Each of these rows is valid alone: all of them would become a million objects."""
    rows = [{"label": str(n), "seats": "1-500"} for n in range(2_001)]
    with pytest.raises(InvalidInput, match="too many places"):
        read_chart("Hall", of_rows(*rows), ChartFormat.JSON)


async def test_a_published_chart_is_replaced_by_a_version(world: World, api: Client) -> None:
    venue, client = await scene(world, api)
    first = (await client.do("saveChart", chart_input(venue), SHOWN))["chart"]
    published = await client.do("publishChart", {"chartId": first["id"]}, "chart { id state }")
    assert published["chart"]["state"] == "PUBLISHED"
    assert await client.do("publishChart", {"chartId": first["id"]}, "chart { id state }") == (
        published
    )
    second = (await client.do("saveChart", chart_input(venue), SHOWN))["chart"]
    assert (second["version"], second["state"]) == (2, "DRAFT")
    query = "query ($id: ID!) { seatChart(chartId: $id) { state svg } }"
    assert (await api.ask(query, id=second["id"]))["seatChart"] is None, "a draft"
    await client.do("publishChart", {"chartId": second["id"]}, "chart { id }")
    assert (await api.ask(query, id=first["id"]))["seatChart"]["state"] == "RETIRED"
    listed = "query ($id: ID!) { seatCharts(venueId: $id) { nodes { version state } } }"
    nodes = (await api.signed_in(await world.user()).ask(listed, id=gid(venue)))["seatCharts"]
    assert [one["version"] for one in nodes["nodes"]] == [2, 1]
    refused = await client.refusal_codes("publishChart", {"chartId": first["id"]})
    assert refused == ["CHART_PUBLISHED"]


async def test_charts_are_written_by_managers_of_their_vendor_alone(
    world: World, api: Client
) -> None:
    venue, client = await scene(world, api)
    chart = (await client.do("saveChart", chart_input(venue), SHOWN))["chart"]
    staff, stranger = await world.user(), await world.user()
    await world.member(await vendor_of(world, venue), staff, MemberRole.STAFF)
    await world.member(await world.vendor(), stranger, MemberRole.OWNER)
    publish = {"chartId": chart["id"]}
    for user in (staff, stranger, await world.user()):
        other = api.signed_in(user)
        codes = await other.refusal_codes("saveChart", chart_input(venue))
        assert codes == await other.refusal_codes("publishChart", publish)
        assert codes in (["NOT_FOUND"], ["FORBIDDEN"])
    assert await api.mutation_failed("saveChart", chart_input(venue)) == ["UNAUTHENTICATED"]
    assert await api.mutation_failed("publishChart", publish) == ["UNAUTHENTICATED"]
    assert (await world.first(Chart)).state is ChartState.DRAFT


async def test_a_date_with_a_chart_has_its_seats(world: World, api: Client) -> None:
    venue, client = await scene(world, api)
    chart = (await client.do("saveChart", chart_input(venue), SHOWN))["chart"]
    event = await world.event(await vendor_of(world, venue))
    place = {"venueId": gid(venue), "chartId": chart["id"]}
    starts = ["2030-05-31T19:30", "2030-06-01T19:30"]
    given = dates_input(event, starts=starts, **place)
    assert await client.refusal_codes("addEventDates", given) == ["CHART_NOT_PUBLISHED"]
    await client.do("publishChart", {"chartId": chart["id"]}, "chart { id }")
    assert await client.refusal_codes("addEventDates", given | keyed()) == []
    async with world.database.session() as session:
        rows = (await session.exec(select(SeatRow).order_by(col(SeatRow.rank)))).all()
        places = (await session.exec(select(SeatPlace))).all()
    # Row A: 4 seats, an aisle, 1 before the accessible place, and 2 after it. Row B: 9 seats.
    assert [row.sizes for row in rows] == [0b10110, 0b10110, 1 << 9, 1 << 9]
    assert len(places) == 34
    assert {place.state for place in places} == {PlaceState.FREE}
    await check_invariants(world.database)
