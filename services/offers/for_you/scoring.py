"""The score of an offer for a user, and its reasons.

Pure: the same values always give the same order. A score is the sum of parts, each a weight times a
value between 0 and 1, so a score is between 0 and 1. Without a place, the weight of the distance is
shared among the others.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from math import log1p
from uuid import UUID

DISTANCE_WEIGHT, AFFINITY_WEIGHT, POPULARITY_WEIGHT, FRESHNESS_WEIGHT = 0.35, 0.25, 0.2, 0.2
HALF_DISTANCE_M = 2_500  # at which half of the part for the distance is left
HALF_AGE = timedelta(days=7)  # at which half of the part for the age is left
HALF_POPULARITY = 300  # with which an offer has half of the part for popularity
USED_COUNTS = 2  # likes that a used voucher counts as
RELATED = 0.5  # of the affinity, for another category below the same top-level one
MAX_REASONS = 3
MIN_POINTS = 5  # of a second or third reason
MAX_RANKED = 200


class OfferReasonKind(StrEnum):
    """Why an offer is where it is in a list. NOT_PERSONAL is that of all offers in a list."""

    NEAR = "NEAR"
    LIKED_CATEGORY = "LIKED_CATEGORY"
    USED_CATEGORY = "USED_CATEGORY"
    POPULAR = "POPULAR"
    NEW = "NEW"
    NOT_PERSONAL = "NOT_PERSONAL"


@dataclass(frozen=True)
class RankReason:
    """A part of a score, with its points of 100."""

    kind: OfferReasonKind
    points: int


@dataclass(frozen=True)
class Interest:
    """How many offers in a category a user likes, and how many vouchers of such the user used."""

    liked: int = 0
    used: int = 0

    @property
    def strength(self) -> float:
        """Return a value from 0 to less than 1, which grows with each like and each use."""
        return 1 - float(2.0 ** (-(self.liked + USED_COUNTS * self.used) / 2))

    def plus(self, other: "Interest") -> "Interest":
        return Interest(self.liked + other.liked, self.used + other.used)


NO_INTEREST = Interest()


@dataclass(frozen=True)
class Taste:
    """The history of a user by category, and by top-level category with all below it."""

    categories: Mapping[UUID, Interest] = field(default_factory=dict)
    roots: Mapping[UUID, Interest] = field(default_factory=dict)

    def interest(self, category_id: UUID, root_id: UUID) -> tuple[float, Interest]:
        """Return the affinity to a category, from 0 to less than 1, and what it is made of."""
        own = self.categories.get(category_id, NO_INTEREST)
        related = self.roots.get(root_id, NO_INTEREST)
        if own.strength >= RELATED * related.strength:
            return own.strength, own
        return RELATED * related.strength, related


@dataclass(frozen=True)
class OfferCandidate:
    """The facts that the score of an offer is made of.

    `distance_m` is in metres, None without a place.
    """

    id: UUID
    category_id: UUID
    root_id: UUID
    likes: int
    claims: int
    published_at: datetime
    distance_m: float | None = None


@dataclass(frozen=True)
class RankedOffer:
    id: UUID
    score: float
    reasons: Sequence[RankReason]


def rank(candidates: Iterable[OfferCandidate], taste: Taste, at: datetime) -> list[RankedOffer]:
    """Return the best 200 offers, the best first. Of equal ones, the newest comes first."""
    ranked = [score(one, taste, at) for one in candidates]
    return sorted(ranked, key=lambda one: (one.score, one.id.int), reverse=True)[:MAX_RANKED]


def score(candidate: OfferCandidate, taste: Taste, at: datetime) -> RankedOffer:
    parts = [*_parts(candidate, taste, at)]
    return RankedOffer(candidate.id, sum(part for _, part in parts), _reasons(parts))


Part = tuple[OfferReasonKind, float]


def _parts(candidate: OfferCandidate, taste: Taste, at: datetime) -> Iterator[Part]:
    shared = 1.0
    if candidate.distance_m is None:
        shared = 1 - DISTANCE_WEIGHT
    else:
        yield OfferReasonKind.NEAR, DISTANCE_WEIGHT * nearness(candidate.distance_m)
    affinity, interest = taste.interest(candidate.category_id, candidate.root_id)
    is_used = USED_COUNTS * interest.used >= interest.liked
    kind = OfferReasonKind.USED_CATEGORY if is_used else OfferReasonKind.LIKED_CATEGORY
    yield kind, AFFINITY_WEIGHT / shared * affinity
    popular = popularity(candidate.likes, candidate.claims)
    yield OfferReasonKind.POPULAR, POPULARITY_WEIGHT / shared * popular
    yield OfferReasonKind.NEW, FRESHNESS_WEIGHT / shared * freshness(at - candidate.published_at)


def nearness(metres: float) -> float:
    """Return 1 at the place, half at 2.5 km, a quarter at 5 km."""
    return float(2.0 ** (-max(metres, 0.0) / HALF_DISTANCE_M))


def popularity(likes: int, claims: int) -> float:
    """Return a value from 0 to less than 1. Its logarithms are those of `quality_of`."""
    found = 100 * log1p(likes) + 60 * log1p(claims)
    return found / (found + HALF_POPULARITY)


def freshness(age: timedelta) -> float:
    """Return 1 for a new offer, half after a week, a quarter after two."""
    return float(2.0 ** (-max(age, timedelta()) / HALF_AGE))


def _reasons(parts: Sequence[Part]) -> list[RankReason]:
    """Return the strongest parts, at most 3. A weak one is there only if all are."""
    found = [RankReason(kind, round(100 * part)) for kind, part in parts]
    found.sort(key=lambda one: one.points, reverse=True)
    strong = [one for one in found[:MAX_REASONS] if one.points >= MIN_POINTS]
    return strong or [one for one in found[:1] if one.points]
