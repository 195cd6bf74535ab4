"""The pure score: what is measured of an attempt, and how its points add up."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from models.fraud.rules import DEFAULT_RULES, Factor, FraudRule
from models.fraud.settings import FraudMode, FraudPolicy, OnTimeout
from models.redemptions import RedemptionOutcome
from services.fraud.score import ScanPlace, ScoredAttempt, Seen, distance_km, measure, score

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
SHOP = ScanPlace(12.9716, 77.5946)
HONEST: dict[str, Any] = {
    "at": NOON,
    "claimed_at": NOON - timedelta(hours=5),
    "member_since": NOON - timedelta(days=20),
    "shop": SHOP,
}


def points(**given: Any) -> dict[str, int]:
    """Return the points by factor, under the default rules."""
    measures = measure(ScoredAttempt(**HONEST | given))
    return {one.factor.value: one.points for one in score(measures, DEFAULT_RULES).findings}


def north(km: float, accuracy: float | None = 10) -> ScanPlace:
    return ScanPlace(SHOP.latitude + km / 111.195, SHOP.longitude, accuracy)


def test_an_honest_attempt_has_no_points() -> None:
    assert points() == {}
    assert points(seen=north(0.2)) == {}


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (north(4.9), {}),
        (north(5.1), {"FAR_FROM_SHOP": 12}),
        (north(20.1), {"FAR_FROM_SHOP": 25}),
        (north(20.1, accuracy=500), {}),
        (north(20.1, accuracy=None), {}),
    ],
)
def test_a_distance_counts_if_the_location_is_accurate(
    place: ScanPlace, expected: dict[str, int]
) -> None:
    assert points(seen=place) == expected


@pytest.mark.parametrize(("km", "expected"), [(49, None), (51, 8), (101, 20)])
def test_a_distance_from_the_claim_counts(km: float, expected: int | None) -> None:
    found = points(seen=north(0), claimed_from=north(km))
    assert found == ({} if expected is None else {"FAR_FROM_CLAIM": expected})
    assert points(seen=north(0, accuracy=None), claimed_from=north(km)) == {}


def test_travel_counts_over_ten_kilometres_only() -> None:
    """Two shops of one street in the same second are no journey."""
    before = Seen(north(9.9), NOON - timedelta(seconds=1))
    assert points(seen=north(0), former=before) == {}
    before = Seen(north(300), NOON - timedelta(hours=1))
    assert points(seen=north(0), former=before) == {"TRAVEL_SPEED": 30}
    before = Seen(north(140), NOON - timedelta(hours=1))
    assert points(seen=north(0), former=before) == {}


def test_the_attempt_itself_is_counted_except_among_wrong_codes() -> None:
    assert points(counts={Factor.USER_RATE: 3}) == {}
    assert points(counts={Factor.USER_RATE: 4}) == {"USER_RATE": 15}
    assert points(counts={Factor.GUESSING: 0}) == {}
    assert points(counts={Factor.GUESSING: 1}) == {"GUESSING": 20}
    assert points(counts={Factor.GUESSING: 9}) == {"GUESSING": 60}


def test_a_family_on_one_device_is_below_the_limit() -> None:
    assert points(accounts=3) == {}
    assert points(accounts=4) == {"DEVICE_ACCOUNTS": 25}
    assert points(accounts=6) == {"DEVICE_ACCOUNTS": 40}


def test_a_falling_factor_has_the_points_of_its_lowest_limit() -> None:
    assert points(claimed_at=NOON - timedelta(seconds=59)) == {"QUICK": 15}
    assert points(claimed_at=NOON - timedelta(seconds=61)) == {"QUICK": 5}
    assert points(claimed_at=NOON - timedelta(seconds=121)) == {}
    assert points(claimed_at=NOON + timedelta(seconds=5)) == {"QUICK": 15}  # of another clock


def test_history_needs_an_old_account_and_lowers_the_score() -> None:
    old = NOON - timedelta(days=61)
    assert points(redeemed=3) == {}
    assert points(member_since=old, redeemed=2) == {}
    assert points(member_since=old, redeemed=3) == {"HISTORY": -15}


def test_a_vendor_is_compared_with_its_own_usual_hour() -> None:
    busy = {"vendor_hour": 54, "vendor_day": 55}
    assert points(**busy, usual=10.0) == {"VENDOR_RATE": 25}
    assert points(**busy, usual=11.0) == {}  # five times is not above five times
    assert points(vendor_hour=20, vendor_day=24, usual=1.0) == {}  # too few to compare
    assert points(**busy) == {}  # nothing to compare with


def test_no_weak_factor_reaches_a_hold_alone() -> None:
    strong = {
        Factor.TRAVEL_SPEED,
        Factor.DEVICE_ACCOUNTS,
        Factor.GUESSING,
        Factor.OFFLINE_DOUBLE,
    }
    weak = {rule.factor: rule.points for rule in DEFAULT_RULES if rule.factor not in strong}
    assert max(weak.values()) < FraudPolicy().hold_from


measures = some.dictionaries(
    some.sampled_from(list(Factor)), some.floats(0, 1e6, allow_nan=False), max_size=12
)


@given(measures)
def test_a_score_is_the_clamped_sum_of_its_findings(given: dict[Factor, float]) -> None:
    found = score(given, DEFAULT_RULES)
    assert found.total == min(100, max(0, sum(one.points for one in found.findings)))
    assert all(one.points and one.value == given[one.factor] for one in found.findings)


@given(measures, some.sampled_from(list(Factor)))
def test_a_riskier_value_has_no_fewer_points(given: dict[Factor, float], factor: Factor) -> None:
    if factor not in given or factor is Factor.HISTORY:
        return
    riskier = given | {factor: 0.0 if factor.falling else 1e6}
    assert score(riskier, DEFAULT_RULES).total >= score(given, DEFAULT_RULES).total


@pytest.mark.parametrize(
    ("total", "outcome"),
    [(29, "APPROVED"), (30, "HELD"), (70, "HELD"), (71, "BLOCKED"), (100, "BLOCKED")],
)
def test_the_score_advises_an_outcome(total: int, outcome: str) -> None:
    assert FraudPolicy().advise(total) is RedemptionOutcome(outcome)


def test_a_timeout_favours_the_customer_below_fifty() -> None:
    policy = FraudPolicy()
    assert policy.approves_on_timeout(49)
    assert not policy.approves_on_timeout(50)
    assert FraudPolicy(on_timeout=OnTimeout.APPROVE).approves_on_timeout(70)
    assert not FraudPolicy(on_timeout=OnTimeout.RELEASE).approves_on_timeout(30)


def test_defaults_change_nothing() -> None:
    assert FraudPolicy().mode is FraudMode.SHADOW


def test_a_rule_of_zero_points_is_no_finding() -> None:
    rules = [FraudRule(factor=Factor.QUICK, limit=60, points=0)]
    assert score({Factor.QUICK: 1.0}, rules).findings == []


@given(some.floats(-89, 89), some.floats(-179, 179))
def test_a_distance_is_symmetric(latitude: float, longitude: float) -> None:
    one, other = ScanPlace(latitude, longitude), ScanPlace(-latitude, longitude / 2)
    assert distance_km(one, other) == pytest.approx(distance_km(other, one))
    assert distance_km(one, one) == 0
