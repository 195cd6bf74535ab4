"""The score of an offer: its bounds, its order and its reasons."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ids import new_id
from services.offers.for_you.scoring import (
    MAX_RANKED,
    MAX_REASONS,
    MIN_POINTS,
    Interest,
    OfferCandidate,
    OfferReasonKind,
    Taste,
    rank,
    score,
)

AT = datetime(2026, 6, 1, tzinfo=UTC)
FOOD, CAFES, BARS, SPA = (UUID(int=number) for number in range(1, 5))
NEITHER = Taste()
ONE = OfferCandidate(
    UUID(int=9), CAFES, FOOD, likes=0, claims=0, published_at=AT - timedelta(days=365)
)

counts = st.integers(0, 10**6)
metres = st.floats(0, 2e7)
interests = st.builds(Interest, counts, counts)
tastes = st.builds(
    Taste,
    st.dictionaries(st.sampled_from([CAFES, BARS, SPA]), interests),
    st.dictionaries(st.sampled_from([FOOD, SPA]), interests),
)
candidates = st.builds(
    OfferCandidate,
    st.uuids(),
    st.sampled_from([CAFES, BARS, SPA]),
    st.sampled_from([FOOD, SPA]),
    counts,
    counts,
    st.datetimes(datetime(2000, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),
    st.none() | metres,
)


def kinds(candidate: OfferCandidate, taste: Taste = NEITHER) -> list[OfferReasonKind]:
    return [one.kind for one in score(candidate, taste, AT).reasons]


@given(candidates, tastes)
def test_scores_and_points_are_within_their_bounds(candidate: OfferCandidate, taste: Taste) -> None:
    ranked = score(candidate, taste, AT)
    assert 0 <= ranked.score <= 1 + 1e-9
    points = [one.points for one in ranked.reasons]
    assert points == sorted(points, reverse=True)
    assert len(points) <= MAX_REASONS
    assert all(0 < one <= 100 for one in points)
    assert sum(points) <= 100 + len(points)
    assert len(points) < 2 or min(points) >= MIN_POINTS
    assert len({one.kind for one in ranked.reasons}) == len(points)


@given(candidates, tastes, metres, metres)
def test_a_nearer_offer_never_has_a_lower_score(
    candidate: OfferCandidate, taste: Taste, one: float, other: float
) -> None:
    near, far = (
        score(replace(candidate, distance_m=distance), taste, AT)
        for distance in sorted((one, other))
    )
    assert near.score >= far.score


@given(candidates, tastes, st.sampled_from(["likes", "claims"]), counts)
def test_popularity_never_lowers_a_score(
    candidate: OfferCandidate, taste: Taste, name: str, more: int
) -> None:
    popular = replace(candidate, **{name: getattr(candidate, name) + more})
    assert score(popular, taste, AT).score >= score(candidate, taste, AT).score


@given(candidates, tastes, interests)
def test_more_likes_of_a_category_never_lower_its_offers(
    candidate: OfferCandidate, taste: Taste, more: Interest
) -> None:
    before = taste.categories.get(candidate.category_id, Interest())
    keener = replace(
        taste, categories={**taste.categories, candidate.category_id: before.plus(more)}
    )
    assert score(candidate, keener, AT).score >= score(candidate, taste, AT).score - 1e-12


@given(st.lists(candidates, max_size=20, unique_by=lambda one: one.id), tastes, st.randoms())
def test_the_order_does_not_depend_on_that_of_the_candidates(
    several: list[OfferCandidate], taste: Taste, random: object
) -> None:
    ordered = rank(several, taste, AT)
    random.shuffle(several)  # type: ignore[attr-defined]
    assert rank(several, taste, AT) == ordered
    assert [one.score for one in ordered] == sorted((one.score for one in ordered), reverse=True)


def test_at_most_200_offers_are_ranked_and_of_equal_ones_the_newest_first() -> None:
    several = [replace(ONE, id=new_id()) for _ in range(MAX_RANKED + 50)]
    newest = sorted((one.id for one in several), reverse=True)[:MAX_RANKED]
    assert [one.id for one in rank(several, NEITHER, AT)] == newest


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"distance_m": 0.0}, [OfferReasonKind.NEAR]),
        ({"published_at": AT}, [OfferReasonKind.NEW]),
        ({"likes": 100, "claims": 100}, [OfferReasonKind.POPULAR]),
        (
            {"published_at": AT, "distance_m": 100.0, "claims": 900},
            [OfferReasonKind.NEAR, OfferReasonKind.NEW, OfferReasonKind.POPULAR],
        ),
        ({}, []),
        ({"distance_m": 15_000.0}, [OfferReasonKind.NEAR]),
    ],
)
def test_the_reasons_are_the_strongest_parts(
    values: dict[str, object], expected: list[OfferReasonKind]
) -> None:
    assert kinds(replace(ONE, **values)) == expected  # type: ignore[arg-type]


def test_the_reason_of_a_category_is_what_counts_for_more() -> None:
    liked, used = Interest(liked=4), Interest(liked=3, used=2)
    assert kinds(ONE, Taste({CAFES: liked})) == [OfferReasonKind.LIKED_CATEGORY]
    assert kinds(ONE, Taste({CAFES: used})) == [OfferReasonKind.USED_CATEGORY]
    beside = Taste({BARS: liked}, {FOOD: liked})
    assert kinds(ONE, beside) == [OfferReasonKind.LIKED_CATEGORY]
    assert score(ONE, beside, AT).score < score(ONE, Taste({CAFES: liked}), AT).score
    assert kinds(ONE, Taste({SPA: used}, {SPA: used})) == []


def test_without_a_place_the_other_parts_have_its_weight() -> None:
    best = replace(ONE, likes=10**9, claims=10**9, published_at=AT)
    taste = Taste({CAFES: Interest(liked=100)})
    assert score(best, taste, AT).score == pytest.approx(0.98, abs=0.02)
    assert score(replace(best, distance_m=1e7), taste, AT).score == pytest.approx(0.64, abs=0.02)
