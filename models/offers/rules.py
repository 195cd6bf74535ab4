"""Rules of offers as data: what a voucher requires at the till, judged by pure functions."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Annotated, Any, NamedTuple, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import BaseModel, model_validator
from pydantic import Field as Range

from core import money
from models.errors import InvalidValue
from models.text import Name, OneLine

MAX_USES = 1_000  # of a voucher
MAX_AMOUNT = 10**12  # minor units
MAX_RULE_SPANS, MAX_BRANCHES, MAX_BRANCH_SCANNERS = 28, 20, 50
WEEKDAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")

RuleAmount = Annotated[int, Range(ge=1, le=MAX_AMOUNT)]
GroupName = Annotated[str, OneLine(40, min_length=1)]


class OfferRuleKind(StrEnum):
    MINIMUM_SPEND = "MINIMUM_SPEND"
    FIRST_VISIT = "FIRST_VISIT"
    DAYS_HOURS = "DAYS_HOURS"
    HOUSEHOLD = "HOUSEHOLD"
    STACKING = "STACKING"
    BRANCH = "BRANCH"
    MAXIMUM_USES = "MAXIMUM_USES"
    BALANCE = "BALANCE"


class RuleStage(StrEnum):
    """The place at which rules are judged. Each knows some of the facts."""

    CLAIM = "CLAIM"
    TILL = "TILL"
    OFFLINE = "OFFLINE"


class StackingKind(StrEnum):
    ALONE = "ALONE"
    ONE_PER_GROUP = "ONE_PER_GROUP"
    FREE = "FREE"


class RuleSpan(BaseModel, frozen=True):
    """A span of each week; Monday is 1. One that does not end later than it starts ends next day.

    From 00:00 to 00:00 is the whole day.
    """

    weekday: Annotated[int, Range(ge=1, le=7)]
    opens: time
    closes: time

    @model_validator(mode="after")
    def ensure_whole_minutes(self) -> Self:
        if any(one.second or one.microsecond or one.tzinfo for one in (self.opens, self.closes)):
            raise InvalidValue("Hours must be whole minutes, without seconds and time zone.")
        return self

    def contains(self, local: datetime) -> bool:
        clock, overnight = local.time(), self.closes <= self.opens
        if local.isoweekday() == self.weekday:
            return self.opens <= clock and (overnight or clock < self.closes)
        follows = local.isoweekday() == self.weekday % 7 + 1
        return follows and overnight and clock < self.closes

    def __str__(self) -> str:
        return f"{WEEKDAYS[self.weekday - 1]} {self.opens:%H:%M}-{self.closes:%H:%M}"


class DaysHours(BaseModel, frozen=True):
    """Spans of the week and days, in the vendor's time zone. Without spans, all hours.

    The last day is valid until it ends there.
    """

    spans: Annotated[tuple[RuleSpan, ...], Range(max_length=MAX_RULE_SPANS)] = ()
    from_day: date | None = None
    until_day: date | None = None

    @model_validator(mode="after")
    def ensure_limits(self) -> Self:
        if not (self.spans or self.from_day or self.until_day):
            raise InvalidValue("Name hours, a first day or a last day.")
        if self.from_day and self.until_day and self.until_day < self.from_day:
            raise InvalidValue("The last day must not be before the first day.")
        return self

    def contains(self, local: datetime) -> bool:
        day = local.date()
        if (self.from_day and day < self.from_day) or (self.until_day and day > self.until_day):
            return False
        return not self.spans or any(one.contains(local) for one in self.spans)

    def __str__(self) -> str:
        days = f"{self.from_day or '..'}/{self.until_day or '..'}"
        named = [days] if self.from_day or self.until_day else []
        return ", ".join([*named, *map(str, self.spans)])


class Stacking(BaseModel, frozen=True):
    """How a voucher shares a bill with others. `group` is that of ONE_PER_GROUP."""

    kind: StackingKind
    group: GroupName | None = None

    @model_validator(mode="after")
    def ensure_group(self) -> Self:
        if (self.kind is StackingKind.ONE_PER_GROUP) != (self.group is not None):
            raise InvalidValue("ONE_PER_GROUP needs a group, and nothing else has one.")
        return self


class OfferBranch(BaseModel, frozen=True):
    """A branch of the vendor, known by its scanners."""

    name: Name
    scanner_ids: Annotated[tuple[UUID, ...], Range(min_length=1, max_length=MAX_BRANCH_SCANNERS)]


class OfferRules(BaseModel, frozen=True):
    """The rules of an offer, each at most once. One that is absent or null does not apply.

    Amounts are in minor units of the vendor's currency. 0 is refused: it would be no rule.
    """

    minimum_spend: RuleAmount | None = None
    first_visit: bool = False
    days_hours: DaysHours | None = None
    household: bool = False
    stacking: Stacking | None = None
    branches: Annotated[tuple[OfferBranch, ...], Range(max_length=MAX_BRANCHES)] = ()
    maximum_uses: Annotated[int, Range(ge=1, le=MAX_USES)] | None = None
    voucher_balance: RuleAmount | None = None

    @property
    def judged_on_claim(self) -> bool:
        ends = self.days_hours is not None and self.days_hours.until_day is not None
        return self.first_visit or self.household or ends

    @property
    def needs_server(self) -> bool:
        """Return whether a scanner without a network cannot judge a voucher."""
        return next(_online_kinds(self), None) is not None

    @property
    def uses(self) -> int:
        """Return how often a voucher can be used at most."""
        default = 1 if self.voucher_balance is None else MAX_USES
        return default if self.maximum_uses is None else self.maximum_uses

    def stored(self) -> dict[str, Any]:
        return self.model_dump(mode="json", exclude_defaults=True)


NO_RULES = OfferRules()


class RulesDraft(BaseModel, frozen=True):
    """Validated input of rules, whose errors have the path to them."""

    rules: OfferRules


@dataclass(frozen=True)
class RuleFacts:
    """The facts of an attempt. Amounts are in minor units of `currency`.

    `visits` are those of the voucher's holder, without uses of this voucher. `shared_household` is
    whether another household member has used the offer. `used` counts the standing uses of the
    voucher. `amount` is what the till asks for, `bill` the total of the bill with tax, before any
    discount, and `bill_left` what other vouchers left of it. `stacked` are the groups of vouchers
    on it, with None for those of no group, and `alone` is whether one of them refuses others.
    """

    at: datetime
    time_zone: str
    currency: str
    visits: int = 0
    shared_household: bool = False
    used: int = 0
    scanner_id: UUID | None = None
    balance: int | None = None
    amount: int | None = None
    bill: int | None = None
    bill_left: int = 0
    stacked: tuple[str | None, ...] = ()
    alone: bool = False

    @property
    def local(self) -> datetime:
        return self.at.astimezone(ZoneInfo(self.time_zone))

    def money(self, amount: int) -> str:
        return money.decimal(amount, self.currency)


class RuleResult(NamedTuple):
    """The result of a rule, with what it needs and what was given, as text for programs.

    Amounts are decimals of the vendor's currency, times those of its time zone. `given` is None if
    the till gave nothing. It names no other account.
    """

    rule: OfferRuleKind
    ok: bool
    needed: str
    given: str | None

    def data(self) -> dict[str, Any]:
        return {"rule": self.rule, "needed": self.needed, "given": self.given}


def judge(rules: OfferRules, facts: RuleFacts, stage: RuleStage) -> list[RuleResult]:
    """Return the results of the rules that apply at a stage, in the order of the kinds.

    Without a network, the rules that the server alone can judge fail.
    """
    found: list[RuleResult] = []
    for kind, check in CHECKS[stage].items():
        found.extend(RuleResult(kind, *one) for one in check(rules, facts))
    if stage is RuleStage.OFFLINE:
        found.extend(RuleResult(kind, False, "online", None) for kind in _online_kinds(rules))
    return found


def first_failure(results: list[RuleResult]) -> RuleResult | None:
    return next((one for one in results if not one.ok), None)


Check = Iterator[tuple[bool, str, str | None]]


def _minimum_spend(rules: OfferRules, facts: RuleFacts) -> Check:
    if rules.minimum_spend is not None:
        given = None if facts.bill is None else facts.money(facts.bill)
        yield (facts.bill or 0) >= rules.minimum_spend, facts.money(rules.minimum_spend), given


def _first_visit(rules: OfferRules, facts: RuleFacts) -> Check:
    if rules.first_visit:
        yield facts.visits == 0, "0", str(facts.visits)


def _days_hours(rules: OfferRules, facts: RuleFacts) -> Check:
    if rules.days_hours is not None:
        local = facts.local
        given = f"{WEEKDAYS[local.weekday()]} {local:%Y-%m-%d %H:%M}"
        yield rules.days_hours.contains(local), str(rules.days_hours), given


def _last_day(rules: OfferRules, facts: RuleFacts) -> Check:
    """Judge the last day alone: a claim can wait for the hours."""
    limits = rules.days_hours
    if limits is not None and limits.until_day is not None:
        day = facts.local.date()
        yield day <= limits.until_day, str(limits), day.isoformat()


def _household(rules: OfferRules, facts: RuleFacts) -> Check:
    if rules.household:
        yield not facts.shared_household, "1", "1" if facts.shared_household else "0"


def _stacking(rules: OfferRules, facts: RuleFacts) -> Check:
    kind = rules.stacking.kind if rules.stacking else StackingKind.FREE
    group = rules.stacking.group if rules.stacking else None
    if facts.bill is None:
        if kind is not StackingKind.FREE:
            yield False, kind, None
        return
    blocked = kind is StackingKind.ALONE and bool(facts.stacked)
    same = group is not None and group in facts.stacked
    if rules.stacking or facts.alone:
        yield not (facts.alone or blocked or same), group or kind, str(len(facts.stacked))
    if facts.amount is not None and rules.voucher_balance is not None:
        asked = facts.amount
        yield asked <= facts.bill_left, facts.money(asked), facts.money(facts.bill_left)


def _branch(rules: OfferRules, facts: RuleFacts) -> Check:
    if rules.branches:
        at = [one.name for one in rules.branches if facts.scanner_id in one.scanner_ids]
        yield bool(at), ", ".join(one.name for one in rules.branches), at[0] if at else None


def _maximum_uses(rules: OfferRules, facts: RuleFacts) -> Check:
    if rules.maximum_uses is not None:
        yield facts.used < rules.maximum_uses, str(rules.maximum_uses), str(facts.used)


def _balance(rules: OfferRules, facts: RuleFacts) -> Check:
    """Judge the amount, which is needed, by the balance, which is given."""
    if rules.voucher_balance is None:
        return
    left = rules.voucher_balance if facts.balance is None else facts.balance
    if facts.amount is None:
        yield False, facts.money(left), None
    else:
        yield 0 < facts.amount <= left, facts.money(facts.amount), facts.money(left)


def _online_kinds(rules: OfferRules) -> Iterator[OfferRuleKind]:
    server = {
        OfferRuleKind.MINIMUM_SPEND: rules.minimum_spend is not None,
        OfferRuleKind.FIRST_VISIT: rules.first_visit,
        OfferRuleKind.HOUSEHOLD: rules.household,
        OfferRuleKind.STACKING: rules.stacking is not None
        and rules.stacking.kind is not StackingKind.FREE,
        OfferRuleKind.BALANCE: rules.voucher_balance is not None,
    }
    return (kind for kind, given in server.items() if given)


CHECKS: dict[RuleStage, dict[OfferRuleKind, Callable[[OfferRules, RuleFacts], Check]]] = {
    RuleStage.CLAIM: {
        OfferRuleKind.FIRST_VISIT: _first_visit,
        OfferRuleKind.DAYS_HOURS: _last_day,
        OfferRuleKind.HOUSEHOLD: _household,
    },
    RuleStage.TILL: {
        OfferRuleKind.MINIMUM_SPEND: _minimum_spend,
        OfferRuleKind.FIRST_VISIT: _first_visit,
        OfferRuleKind.DAYS_HOURS: _days_hours,
        OfferRuleKind.HOUSEHOLD: _household,
        OfferRuleKind.STACKING: _stacking,
        OfferRuleKind.BRANCH: _branch,
        OfferRuleKind.MAXIMUM_USES: _maximum_uses,
        OfferRuleKind.BALANCE: _balance,
    },
    RuleStage.OFFLINE: {
        OfferRuleKind.DAYS_HOURS: _days_hours,
        OfferRuleKind.BRANCH: _branch,
    },
}
