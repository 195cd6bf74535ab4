"""Delivery rates: the price of a parcel, and the zone of an address."""

from dataclasses import dataclass

import pytest

from models.shipping.rates import Band, Parcel, RateKind, RateTerms, find_zone

WEIGHT = RateTerms(RateKind.WEIGHT, (Band(500, 4_00), Band(5_000, 7_00), Band(20_000, 15_00)))
PRICE = RateTerms(RateKind.PRICE, (Band(20_00, 5_00), Band(50_00, 3_00), Band(None, 0)))
LOCAL = RateTerms(RateKind.LOCAL, (Band(2_000, 1_00), Band(10_000, 2_50)), free_over=40_00)
FLAT = RateTerms(RateKind.FLAT, (Band(None, 4_90),), free_over=50_00)
PICKUP = RateTerms(RateKind.PICKUP, (Band(None, 0),))


@pytest.mark.parametrize(
    ("terms", "parcel", "price"),
    [
        (FLAT, Parcel(49_99, 1), 4_90),
        (FLAT, Parcel(50_00, 1), 0),
        (WEIGHT, Parcel(1, 0), 4_00),
        (WEIGHT, Parcel(1, 500), 4_00),
        (WEIGHT, Parcel(1, 501), 7_00),
        (WEIGHT, Parcel(1, 20_000), 15_00),
        (WEIGHT, Parcel(1, 20_001), None),
        (PRICE, Parcel(20_00, 1), 5_00),
        (PRICE, Parcel(20_01, 1), 3_00),
        (PRICE, Parcel(50_01, 1), 0),
        (LOCAL, Parcel(1, 1, 2_000), 1_00),
        (LOCAL, Parcel(1, 1, 2_001), 2_50),
        (LOCAL, Parcel(1, 1, 10_001), None),
        (LOCAL, Parcel(1, 1), None),  # an address without coordinates
        (LOCAL, Parcel(40_00, 1, 9_000), 0),
        (LOCAL, Parcel(40_00, 1, 10_001), None),  # too far, also for free
        (PICKUP, Parcel(1, 1), 0),
    ],
)
def test_price_of_a_parcel(terms: RateTerms, parcel: Parcel, price: int | None) -> None:
    assert terms.price(parcel) == price


@dataclass(frozen=True)
class Zone:
    name: str
    countries: tuple[str, ...]
    pin_prefixes: tuple[str, ...] = ()


ZONES = (
    Zone("Germany", ("DE",)),
    Zone("Berlin", ("DE",), ("10", "12", "13", "14")),
    Zone("Mitte", ("DE",), ("1011", "1017")),
    Zone("Neighbours", ("AT", "DE", "NL")),
    Zone("Lagos", ("NG",), ("100", "101")),
)


@pytest.mark.parametrize(
    ("country", "pin_code", "name"),
    [
        ("DE", "80331", "Germany"),  # the earlier of two
        ("DE", "12047", "Berlin"),
        ("DE", "10115", "Mitte"),
        ("NL", "1012AB", "Neighbours"),
        ("NG", "101233", "Lagos"),
        ("NG", "900001", None),
        ("US", "10115", None),
    ],
)
def test_zone_of_an_address(country: str, pin_code: str, name: str | None) -> None:
    zone = find_zone(ZONES, country, pin_code)
    assert (zone.name if zone else None) == name


def test_no_zones() -> None:
    assert find_zone((), "DE", "10115") is None
