"""Rules of delivery rates: their price for a parcel, and the zone of an address."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeVar


class RateKind(StrEnum):
    """The measure on which the price of a delivery depends.

    PRICE is by the value of the goods, WEIGHT by grams, LOCAL by metres from the vendor. PICKUP is
    at the vendor's own address.
    """

    FLAT = "FLAT"
    WEIGHT = "WEIGHT"
    PRICE = "PRICE"
    LOCAL = "LOCAL"
    PICKUP = "PICKUP"

    @property
    def has_bands(self) -> bool:
        return self in {RateKind.WEIGHT, RateKind.PRICE, RateKind.LOCAL}


@dataclass(frozen=True)
class Band:
    """The price up to and including a limit. None is no limit, and only of the last band."""

    up_to: int | None
    price: int


@dataclass(frozen=True)
class Parcel:
    """The goods that a vendor delivers. `distance_m` is None where the place is not known."""

    goods: int
    weight_g: int
    distance_m: int | None = None


@dataclass(frozen=True)
class RateTerms:
    """The terms of a rate. From `free_over` on, in goods after discounts, it costs nothing."""

    kind: RateKind
    bands: Sequence[Band]
    free_over: int | None = None

    def price(self, parcel: Parcel) -> int | None:
        """Return the price of a parcel. None if it is not delivered at this rate.

        A rate that does not serve a parcel does not serve it for free either.
        """
        measure = self._measure(parcel)
        if measure is None:
            return None
        fits = (band for band in self.bands if band.up_to is None or measure <= band.up_to)
        if (band := next(fits, None)) is None:
            return None
        return 0 if self.free_over is not None and parcel.goods >= self.free_over else band.price

    def _measure(self, parcel: Parcel) -> int | None:
        match self.kind:
            case RateKind.WEIGHT:
                return parcel.weight_g
            case RateKind.PRICE:
                return parcel.goods
            case RateKind.LOCAL:
                return parcel.distance_m
            case RateKind.FLAT | RateKind.PICKUP:
                return 0


class ServedArea(Protocol):
    """Countries, and the first characters of their postal codes. Without any, all codes."""

    @property
    def countries(self) -> Sequence[str]: ...

    @property
    def pin_prefixes(self) -> Sequence[str]: ...


AnyServed = TypeVar("AnyServed", bound=ServedArea)


def find_zone(zones: Sequence[AnyServed], country: str, pin_code: str) -> AnyServed | None:
    """Return the zone of an address: the one with the longest prefix of its postal code.

    A zone of the whole country is for what no prefix matches. On a tie, the earlier zone wins.
    """
    ranked = [(_rank(zone, country, pin_code), zone) for zone in zones]
    rank, found = max(ranked, key=lambda one: one[0], default=(-1, None))
    return found if rank >= 0 else None


def _rank(zone: ServedArea, country: str, pin_code: str) -> int:
    """Return the length of the prefix that matches, or -1 if the address is outside."""
    if country not in zone.countries:
        return -1
    if not zone.pin_prefixes:
        return 0
    lengths = (len(one) for one in zone.pin_prefixes if pin_code.startswith(one))
    return max(lengths, default=-1)
