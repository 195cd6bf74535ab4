"""Rules of the risk score: which measure of an attempt gives how many points."""

from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from models.errors import InvalidValue

MAX_RULES = 60
MAX_POINTS = 100
MAX_LIMIT = 1_000_000
MINUTE, HOUR, DAY = 60, 3_600, 86_400


class Factor(StrEnum):
    """Something that is measured of an attempt, with its unit. `falling` ones are risky if low."""

    unit: str
    falling: bool

    def __new__(cls, name: str, unit: str, falling: bool = False) -> "Factor":
        member = str.__new__(cls, name)
        member._value_ = name
        member.unit, member.falling = unit, falling
        return member

    FAR_FROM_SHOP = "FAR_FROM_SHOP", "km"
    FAR_FROM_CLAIM = "FAR_FROM_CLAIM", "km"
    TRAVEL_SPEED = "TRAVEL_SPEED", "km/h"
    USER_RATE = "USER_RATE", "attempts"
    DEVICE_RATE = "DEVICE_RATE", "attempts"
    DEVICE_DAILY_RATE = "DEVICE_DAILY_RATE", "attempts"
    ADDRESS_RATE = "ADDRESS_RATE", "attempts"
    DEVICE_ACCOUNTS = "DEVICE_ACCOUNTS", "accounts"
    QUICK = "QUICK", "s", True
    YOUNG_ACCOUNT = "YOUNG_ACCOUNT", "days", True
    HISTORY = "HISTORY", "vouchers"
    GUESSING = "GUESSING", "attempts"
    VENDOR_RATE = "VENDOR_RATE", "times"
    STATIC_CODE = "STATIC_CODE", "codes"
    OFFLINE_DOUBLE = "OFFLINE_DOUBLE", "scans"
    BUNDLE_EXPIRED = "BUNDLE_EXPIRED", "scans"
    OFFLINE_LIMIT = "OFFLINE_LIMIT", "scans"
    SCAN_CLOCK = "SCAN_CLOCK", "scans"


class FraudRule(BaseModel):
    """Points for a factor whose value is above `limit`, or below it if the factor is `falling`.

    Of several rules of a factor that apply, the one with the most extreme limit counts.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    factor: Factor
    limit: Annotated[float, Field(ge=0, le=MAX_LIMIT)]
    points: Annotated[int, Field(ge=-MAX_POINTS, le=MAX_POINTS)]

    def applies(self, value: float) -> bool:
        return value < self.limit if self.factor.falling else value > self.limit


def _each_once(rules: tuple[FraudRule, ...]) -> tuple[FraudRule, ...]:
    if len({(rule.factor, rule.limit) for rule in rules}) < len(rules):
        raise InvalidValue("A factor can have one rule for each limit.")
    return rules


FraudRules = Annotated[
    tuple[FraudRule, ...], Field(max_length=MAX_RULES), AfterValidator(_each_once)
]


def _rules(factor: Factor, *tiers: tuple[float, int]) -> list[FraudRule]:
    return [FraudRule(factor=factor, limit=limit, points=points) for limit, points in tiers]


# No weak factor reaches 30 alone; an offline double is no weak one. Shared addresses, as of mobile
# carriers, weigh least.
DEFAULT_RULES: tuple[FraudRule, ...] = (
    *_rules(Factor.FAR_FROM_SHOP, (5, 12), (20, 25)),
    *_rules(Factor.FAR_FROM_CLAIM, (50, 8), (100, 20)),
    *_rules(Factor.TRAVEL_SPEED, (150, 30)),
    *_rules(Factor.USER_RATE, (4, 15)),
    *_rules(Factor.DEVICE_RATE, (6, 25)),
    *_rules(Factor.DEVICE_DAILY_RATE, (8, 10)),
    *_rules(Factor.ADDRESS_RATE, (30, 8)),
    *_rules(Factor.DEVICE_ACCOUNTS, (3, 25), (5, 40)),
    *_rules(Factor.QUICK, (120, 5), (60, 15)),
    *_rules(Factor.YOUNG_ACCOUNT, (3, 10)),
    *_rules(Factor.HISTORY, (2, -15)),
    *_rules(Factor.GUESSING, (0, 20), (1, 40), (2, 60)),
    *_rules(Factor.VENDOR_RATE, (5, 25)),
    *_rules(Factor.STATIC_CODE, (0, 10)),
    *_rules(Factor.OFFLINE_DOUBLE, (0, 50)),
    *_rules(Factor.BUNDLE_EXPIRED, (0, 15)),
    *_rules(Factor.OFFLINE_LIMIT, (0, 15)),
    *_rules(Factor.SCAN_CLOCK, (0, 10)),
)
