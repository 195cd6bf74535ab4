"""The input of delivery zones: limits that ascend, and names that differ."""

from typing import Any

import pytest

from models.errors import InvalidInput
from models.shipping.zones import ZonesDraft
from models.validation import parse

RATE: dict[str, Any] = {
    "name": "By weight",
    "kind": "WEIGHT",
    "bands": [{"up_to": 500, "price_minor": 400}, {"up_to": None, "price_minor": 900}],
    "min_days": 1,
    "max_days": 3,
}
ZONE: dict[str, Any] = {"name": "Germany", "countries": ["DE"], "rates": [RATE]}


def bands(*limits: int | None) -> dict[str, Any]:
    return RATE | {"bands": [{"up_to": limit, "price_minor": 1} for limit in limits]}


@pytest.mark.parametrize(
    "zones",
    [
        [],
        [ZONE],
        [ZONE | {"pin_prefixes": ["10", " 1a "]}],
        [ZONE, ZONE | {"name": "Europe", "countries": ["DE", "AT"]}],
        [ZONE | {"rates": [bands(1, 2, 3)]}],
        [ZONE | {"rates": [bands(None)]}],
        [ZONE | {"rates": [bands(None) | {"kind": "PICKUP", "min_days": 0, "max_days": 0}]}],
    ],
)
def test_zones_that_are_valid(zones: list[dict[str, Any]]) -> None:
    assert len(parse(ZonesDraft, zones=zones).zones) == len(zones)


@pytest.mark.parametrize(
    ("zones", "field"),
    [
        ([ZONE, ZONE], ["zones"]),
        ([ZONE | {"name": str(n)} for n in range(21)], ["zones"]),
        ([ZONE | {"countries": []}], ["zones", "0", "countries"]),
        ([ZONE | {"rates": []}], ["zones", "0", "rates"]),
        ([ZONE | {"rates": [RATE, RATE]}], ["zones", "0"]),
        ([ZONE | {"countries": ["DE", "AT"], "pin_prefixes": ["10"]}], ["zones", "0"]),
        ([ZONE | {"pin_prefixes": ["10%"]}], ["zones", "0", "pinPrefixes", "0"]),
        ([ZONE | {"rates": [bands(2, 1)]}], ["zones", "0", "rates", "0"]),
        ([ZONE | {"rates": [bands(1, 1)]}], ["zones", "0", "rates", "0"]),
        ([ZONE | {"rates": [bands(None, 1)]}], ["zones", "0", "rates", "0"]),
        ([ZONE | {"rates": [bands(5) | {"kind": "FLAT"}]}], ["zones", "0", "rates", "0"]),
        ([ZONE | {"rates": [RATE | {"min_days": 4}]}], ["zones", "0", "rates", "0"]),
        ([ZONE | {"rates": [RATE | {"max_days": 91}]}], ["zones", "0", "rates", "0", "maxDays"]),
        (
            [ZONE | {"rates": [RATE | {"bands": [{"price_minor": -1}]}]}],
            ["zones", "0", "rates", "0", "bands", "0", "priceMinor"],
        ),
    ],
)
def test_zones_that_are_refused(zones: list[dict[str, Any]], field: list[str]) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse(ZonesDraft, zones=zones)
    assert refused.value.field == field
