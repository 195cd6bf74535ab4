"""The cities and their neighborhoods."""

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from demo.toml_data import load

CURRENCIES = {"IN": "INR", "NG": "NGN", "US": "USD", "DE": "EUR"}


@dataclass(frozen=True)
class Area:
    name: str
    pin_code: str
    latitude: float
    longitude: float


@dataclass(frozen=True)
class DemoCity:
    """`languages` are those spoken besides the country's main language.

    `name_stems` are used in the names of shops.
    """

    name: str
    country: str
    languages: tuple[str, ...]
    zone: ZoneInfo
    names: dict[str, str]
    name_stems: tuple[str, ...]
    areas: tuple[Area, ...]

    @property
    def currency(self) -> str:
        return CURRENCIES[self.country]

    def name_in(self, locale: str) -> str:
        return self.names.get(locale, self.name)

    def pin_codes_near(self, area: Area, count: int) -> list[str]:
        nearest = sorted(self.areas, key=lambda other: _squared_distance(area, other))
        return [other.pin_code for other in nearest[: count + 1]]


def _squared_distance(one: Area, other: Area) -> float:
    return (one.latitude - other.latitude) ** 2 + (one.longitude - other.longitude) ** 2


def _parse_city(entry: dict[str, Any]) -> DemoCity:
    return DemoCity(
        name=entry["name"],
        country=entry["country"],
        languages=tuple(entry["languages"]),
        zone=ZoneInfo(entry["time_zone"]),
        names=entry.get("names", {}),
        name_stems=tuple(entry["name_stems"]),
        areas=tuple(Area(**area) for area in entry["areas"]),
    )


CITIES = tuple(_parse_city(entry) for entry in load("cities")["cities"])
HOME_CITY = CITIES[0]  # of the owner's café and of the demo customer
