"""The cities of the demo and their neighbourhoods."""

from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from demo.words_places import PLACES

CURRENCIES = {"IN": "INR", "NG": "NGN", "US": "USD", "DE": "EUR"}


@dataclass(frozen=True)
class Area:
    """A neighbourhood with its postal code and its middle."""

    name: str
    pin_code: str
    latitude: float
    longitude: float


@dataclass(frozen=True)
class City:
    """`tongues` are the languages spoken beside the country's own."""

    name: str
    country: str
    tongues: tuple[str, ...]
    zone: ZoneInfo
    names: dict[str, str]
    stems: tuple[str, ...]
    areas: tuple[Area, ...]

    @property
    def currency(self) -> str:
        return CURRENCIES[self.country]

    def name_in(self, locale: str) -> str:
        return self.names.get(locale, self.name)

    def pin_codes_near(self, area: Area, count: int) -> list[str]:
        """The area's own and those of the neighbourhoods nearest to it."""
        near = sorted(self.areas, key=lambda other: _apart(area, other))
        return [other.pin_code for other in near[: count + 1]]


def _apart(one: Area, other: Area) -> float:
    return (one.latitude - other.latitude) ** 2 + (one.longitude - other.longitude) ** 2


def _read_places(table: str) -> Iterator[City]:
    for block in table.strip().replace("\n  ", "\t").splitlines():
        header, *areas = block.split("\t")
        name, country, tongues, zone, names, stems = (cell.strip() for cell in header.split("|"))
        yield City(
            name=name,
            country=country,
            tongues=tuple(tongues.split()),
            zone=ZoneInfo(zone),
            names=dict([names.split("=")]) if names else {},
            stems=tuple(stems.split(", ")),
            areas=tuple(_read_area(line) for line in areas),
        )


def _read_area(line: str) -> Area:
    pin_code, latitude, longitude, name = line.split(maxsplit=3)
    return Area(name, pin_code, float(latitude), float(longitude))


CITIES = tuple(_read_places(PLACES))
