"""Rules of offers, judged by pure functions."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from models.offers.rules import (
    NO_RULES,
    OfferRules,
    RuleFacts,
    RuleResult,
    RuleStage,
    first_failure,
    judge,
)

SCANNER = UUID(int=7)
AT = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)  # a Monday
ZONES = [
    "Pacific/Kiritimati",
    "Pacific/Auckland",
    "Australia/Lord_Howe",
    "Asia/Tokyo",
    "Asia/Kathmandu",
    "Asia/Kolkata",
    "Europe/Moscow",
    "Europe/Berlin",
    "UTC",
    "America/Sao_Paulo",
    "America/St_Johns",
    "America/New_York",
    "Pacific/Pago_Pago",
]


def facts(**given: Any) -> RuleFacts:
    values: dict[str, Any] = {"at": AT, "time_zone": "UTC", "currency": "INR"} | given
    return RuleFacts(**values)


def failure(
    rules: dict[str, Any], stage: RuleStage = RuleStage.TILL, **given: Any
) -> RuleResult | None:
    return first_failure(judge(OfferRules.model_validate(rules), facts(**given), stage))


@pytest.mark.parametrize(
    ("rules", "given", "expected"),
    [
        ({"minimum_spend": 50_000}, {"bill": 49_999}, ("MINIMUM_SPEND", "500.00", "499.99")),
        ({"minimum_spend": 50_000}, {"bill": 50_000}, None),
        ({"minimum_spend": 50_000}, {}, ("MINIMUM_SPEND", "500.00", None)),
        ({"first_visit": True}, {"visits": 2}, ("FIRST_VISIT", "0", "2")),
        ({"first_visit": True}, {}, None),
        ({"household": True}, {"shared_household": True}, ("HOUSEHOLD", "1", "1")),
        ({"household": True}, {}, None),
        ({"maximum_uses": 3}, {"used": 3}, ("MAXIMUM_USES", "3", "3")),
        ({"maximum_uses": 3}, {"used": 2}, None),
        ({"voucher_balance": 1_000}, {"balance": 400, "amount": 401}, ("BALANCE", "4.01", "4.00")),
        ({"voucher_balance": 1_000}, {"balance": 400, "amount": 400}, None),
        ({"voucher_balance": 1_000}, {"balance": 400}, ("BALANCE", "4.00", None)),
        (
            {"branches": [{"name": "Fort", "scanner_ids": [SCANNER]}]},
            {"scanner_id": UUID(int=8)},
            ("BRANCH", "Fort", None),
        ),
        ({"branches": [{"name": "Fort", "scanner_ids": [SCANNER]}]}, {"scanner_id": SCANNER}, None),
    ],
)
def test_a_rule_names_what_it_needs_and_what_was_given(
    rules: dict[str, Any], given: dict[str, Any], expected: tuple[str, str, str | None] | None
) -> None:
    found = failure(rules, **given)
    assert (found and (found.rule, found.needed, found.given)) == expected


@pytest.mark.parametrize(
    ("kind", "given", "fails"),
    [
        ("ALONE", {"bill": 100, "bill_left": 100}, False),
        ("ALONE", {"bill": 100, "bill_left": 90, "stacked": (None,)}, True),
        ("ALONE", {}, True),
        ("ONE_PER_GROUP", {"bill": 100, "bill_left": 90, "stacked": ("food",)}, True),
        ("ONE_PER_GROUP", {"bill": 100, "bill_left": 90, "stacked": ("drinks", None)}, False),
        ("FREE", {"bill": 100, "bill_left": 90, "stacked": ("food",)}, False),
        ("FREE", {"bill": 100, "bill_left": 90, "stacked": (None,), "alone": True}, True),
        ("FREE", {}, False),
    ],
)
def test_stacking_needs_the_bill_and_a_place_on_it(
    kind: str, given: dict[str, Any], fails: bool
) -> None:
    group = "food" if kind == "ONE_PER_GROUP" else None
    found = failure({"stacking": {"kind": kind, "group": group}}, **given)
    assert (found is not None) == fails
    assert found is None or found.rule == "STACKING"


def test_a_voucher_that_refuses_others_refuses_those_without_rules() -> None:
    found = first_failure(judge(NO_RULES, facts(bill=100, alone=True), RuleStage.TILL))
    assert found is not None
    assert found.rule == "STACKING"


def test_an_amount_beyond_the_rest_of_the_bill_is_refused() -> None:
    """Failure 13 of the design: the sum never passes the bill."""
    given: dict[str, Any] = {"balance": 900, "amount": 500, "bill": 1_000, "bill_left": 400}
    found = failure({"voucher_balance": 900}, **given)
    assert found == ("STACKING", False, "5.00", "4.00")


@pytest.mark.parametrize("rules", [{}, {"minimum_spend": None, "maximum_uses": None}])
def test_a_rule_that_is_absent_or_null_does_not_apply(rules: dict[str, Any]) -> None:
    """Failure 7 of the design: blank settings have one meaning each."""
    assert OfferRules.model_validate(rules) == NO_RULES
    assert judge(NO_RULES, facts(), RuleStage.TILL) == []


@pytest.mark.parametrize(
    "rules",
    [
        {"minimum_spend": 0},
        {"maximum_uses": 0},
        {"maximum_uses": 1_001},
        {"voucher_balance": 0},
        {"days_hours": {}},
        {"days_hours": {"from_day": "2026-05-02", "until_day": "2026-05-01"}},
        {"days_hours": {"spans": [{"weekday": 1, "opens": "09:00:30", "closes": "10:00"}]}},
        {"days_hours": {"spans": [{"weekday": 8, "opens": "09:00", "closes": "10:00"}]}},
        {"stacking": {"kind": "ONE_PER_GROUP"}},
        {"stacking": {"kind": "ALONE", "group": "food"}},
        {"branches": [{"name": "Fort", "scanner_ids": []}]},
    ],
)
def test_a_rule_that_would_be_none_is_refused(rules: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        OfferRules.model_validate(rules)


@pytest.mark.parametrize("zone", ZONES)
def test_the_last_day_is_valid_until_it_ends_at_the_vendor(zone: str) -> None:
    """Failure 11 of the design: not a day early, wherever the server and the viewer are."""
    for day in (date(2026, 3, 29), date(2026, 10, 25), date(2026, 11, 1), date(2026, 4, 5)):
        rules = {"days_hours": {"until_day": day.isoformat()}}
        ends = datetime.combine(day, time(23, 59, 59), ZoneInfo(zone))
        for stage in (RuleStage.TILL, RuleStage.CLAIM):
            assert failure(rules, stage, at=ends.astimezone(UTC), time_zone=zone) is None
            later = ends.astimezone(UTC) + timedelta(seconds=1)
            found = failure(rules, stage, at=later, time_zone=zone)
            assert found is not None
            assert found.rule == "DAYS_HOURS"


@pytest.mark.parametrize(
    ("local", "fails"),
    [
        ("2026-05-08T21:59", True),
        ("2026-05-08T22:00", False),
        ("2026-05-09T01:59", False),
        ("2026-05-09T02:00", True),
        ("2026-05-10T01:00", True),
        ("2026-05-10T23:59", False),
    ],
)
def test_hours_over_midnight_belong_to_the_day_on_which_they_begin(local: str, fails: bool) -> None:
    spans = [
        {"weekday": 5, "opens": "22:00", "closes": "02:00"},
        {"weekday": 7, "opens": "23:00", "closes": "00:00"},
    ]
    at = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo("Asia/Kolkata"))
    found = failure({"days_hours": {"spans": spans}}, at=at, time_zone="Asia/Kolkata")
    assert (found is not None) == fails
    if found is not None:
        assert found.needed == "FRI 22:00-02:00, SUN 23:00-00:00"
        assert found.given == f"{at:%a %Y-%m-%d %H:%M}".replace(f"{at:%a}", f"{at:%a}".upper())


@pytest.mark.parametrize(
    ("rules", "kind"),
    [
        ({"minimum_spend": 1}, "MINIMUM_SPEND"),
        ({"first_visit": True}, "FIRST_VISIT"),
        ({"household": True}, "HOUSEHOLD"),
        ({"stacking": {"kind": "ALONE"}}, "STACKING"),
        ({"voucher_balance": 1}, "BALANCE"),
        ({"stacking": {"kind": "FREE"}}, None),
        ({"maximum_uses": 5}, None),
        ({"days_hours": {"until_day": "2026-05-04"}}, None),
        ({"branches": [{"name": "Fort", "scanner_ids": [SCANNER]}]}, None),
    ],
)
def test_without_a_network_rules_of_the_server_fail(
    rules: dict[str, Any], kind: str | None
) -> None:
    """Failure 21 of the design."""
    found = failure(rules, RuleStage.OFFLINE, scanner_id=SCANNER)
    assert (found and found.rule) == kind
    assert OfferRules.model_validate(rules).needs_server == (kind is not None)
