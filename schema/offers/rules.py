"""Rules of offers, as data."""

from datetime import date, datetime, time
from typing import Any
from uuid import UUID

import strawberry
from strawberry import relay

from engine.errors.conversion import ErrorCode, UserError, error_type
from engine.ids import ids_field
from engine.types import Rows, column, field, localized_text, optional
from models.offers import rules, terms
from models.offers.rules import MAX_BRANCH_SCANNERS, MAX_BRANCHES, MAX_RULE_SPANS
from models.validation import parse
from schema.money import Money, MoneyInput, optional_money
from schema.offers.enums import OfferRuleKind, StackingKind


@strawberry.type(
    description="A time of each week in which a voucher can be used, in the vendor's time zone."
)
class RuleSpan:
    weekday: int = column("The day of the week, from 1 for Monday to 7 for Sunday.")
    opens: time = column("The start.")
    closes: time = column("The end. If it is not later than the start, it is on the next day.")


@strawberry.type(description="The days and hours in which a voucher can be used.")
class RuleTimes:
    from_day: date | None = column("The first day. Null if any is.")
    until_day: date | None = column("The last day, until it ends. Null if none is the last.")
    spans: list[RuleSpan] = strawberry.field(
        description="The times of each week, in the vendor's time zone. All times if empty.",
        metadata={"size": MAX_RULE_SPANS},
    )


@strawberry.type(description="How a voucher shares a bill with other vouchers.")
class StackingRule:
    kind: StackingKind = column("The kind.")
    group: str | None = column("The group, of which a bill takes one. Null unless ONE_PER_GROUP.")


@strawberry.type(description="A branch in which vouchers can be used, known by its scanners.")
class RuleBranch:
    name: str = column("The name.")
    scanner_ids: list[relay.GlobalID] = strawberry.field(
        description="The ids of its scanners.", metadata={"size": MAX_BRANCH_SCANNERS}
    )


@strawberry.type(
    description="The rules of an offer. Each applies unless it is null, false or empty."
)
class OfferRules:
    minimum_spend: Money | None = column(
        "The least amount of the bill, with tax and before discounts."
    )
    first_visit: bool = column("Whether it is for customers without a former visit.")
    days_hours: RuleTimes | None = column("The days and hours.")
    household: bool = column(
        "Whether a household uses it once: users of one device or phone number."
    )
    stacking: StackingRule | None = column("How it shares a bill. Null shares it freely.")
    branches: list[RuleBranch] = strawberry.field(
        description="The branches in which it can be used. All if empty.",
        metadata={"size": MAX_BRANCHES},
    )
    maximum_uses: int | None = column(
        "How often a voucher can be used. Null is once, and without a limit with a balance."
    )
    voucher_balance: Money | None = column("The balance of a new voucher, which is used in parts.")


@strawberry.type(
    description="A version of the terms of an offer. It never changes, and a voucher keeps the one"
    " under which it was claimed."
)
class OfferTerms(Rows[terms.OfferTerms]):
    version: int = column("The number of the version, from 1.")
    created_at: datetime = column("The time at which it was set.")
    text: str = localized_text("text", "The terms and conditions. May be empty.")

    @field("The rules.", needs=("rules", "currency"))
    def rules(root: strawberry.Parent[terms.OfferTerms]) -> OfferRules:
        return _rules(terms.read_rules(root.rules), root.currency)


def _rules(found: rules.OfferRules, currency: str) -> OfferRules:
    times, stacking = found.days_hours, found.stacking
    return OfferRules(
        minimum_spend=optional_money(found.minimum_spend, currency),
        first_visit=found.first_visit,
        days_hours=_times(times) if times else None,
        household=found.household,
        stacking=StackingRule(**dict(stacking)) if stacking else None,
        branches=[_branch(one) for one in found.branches],
        maximum_uses=found.maximum_uses,
        voucher_balance=optional_money(found.voucher_balance, currency),
    )


def _times(times: rules.DaysHours) -> RuleTimes:
    spans = [RuleSpan(**dict(one)) for one in times.spans]
    return RuleTimes(from_day=times.from_day, until_day=times.until_day, spans=spans)


def _branch(branch: rules.OfferBranch) -> RuleBranch:
    ids = [relay.GlobalID("Scanner", str(id)) for id in branch.scanner_ids]
    return RuleBranch(name=branch.name, scanner_ids=ids)


@strawberry.type(
    description="A rule that is not met. It names no other account. Amounts are decimals of the"
    " vendor's currency, and times those of its time zone."
)
class FailedRule:
    rule: OfferRuleKind = column("The rule.")
    needed: str = column(
        "The requirement: an amount, hours and days, a group, branches, or a number. `online` if a"
        " scanner without a network cannot judge it."
    )
    given: str | None = column("The value that was given instead. Null if it has to be asked for.")


@strawberry.type(description="Whether the viewer can claim an offer now.")
class OfferEligibility:
    can_claim: bool = column("Whether `claimOffer` would succeed.")
    refusal: str | None = strawberry.field(
        graphql_type=ErrorCode | None, description="The error of `claimOffer`. Null if it can."
    )
    message: str | None = column("The error for the user. Null if it can.")
    failing: list[FailedRule] = strawberry.field(
        description="All rules that fail, with data.", metadata={"size": 3}
    )


@error_type(terms.RuleFailed)
@strawberry.type(description="A rule of the offer forbids a claim.")
class RuleFailed(UserError):
    rule: OfferRuleKind = strawberry.field(description="The rule.")
    needed: str = strawberry.field(description="The requirement: see `FailedRule`.")
    given: str | None = strawberry.field(description="The value that was given instead.")


@strawberry.input(
    description="A time of each week in which a voucher can be used, in the vendor's time zone."
)
class RuleSpanInput:
    weekday: int = column("The day of the week, from 1 for Monday to 7 for Sunday.")
    opens: time = column("The start, in whole minutes.")
    closes: time = column(
        "The end, in whole minutes. If it is not later than the start, it is on the next day."
    )


@strawberry.input(description="The days and hours in which a voucher can be used: at least one.")
class RuleTimesInput:
    spans: list[RuleSpanInput] | None = optional(
        f"The times of each week, in the vendor's time zone, at most {MAX_RULE_SPANS}."
    )
    from_day: date | None = optional("The first day.")
    until_day: date | None = optional("The last day, until it ends in the vendor's time zone.")


@strawberry.input(description="How a voucher shares a bill with other vouchers.")
class StackingRuleInput:
    kind: StackingKind = column("The kind.")
    group: str | None = optional("The group of ONE_PER_GROUP, at most 40 characters.")


@strawberry.input(description="A branch in which vouchers can be used.")
class RuleBranchInput:
    name: str = column("The name, 1 to 80 characters.")
    scanner_ids: list[UUID] = ids_field(
        "Scanner", f"The vendor's scanners in it, 1 to {MAX_BRANCH_SCANNERS}."
    )


@strawberry.input(
    description="The rules of an offer. One that is left out or null does not apply. 0 is refused,"
    " so that a blank form does not switch a limit off."
)
class OfferRulesInput:
    minimum_spend: MoneyInput | None = optional(
        "The least amount of the bill, with tax and before discounts. The till sends the bill."
    )
    first_visit: bool = optional("Whether it is for customers without a former visit.", False)
    days_hours: RuleTimesInput | None = optional("The days and hours.")
    household: bool = optional(
        "Whether a household uses it once: users of one device or phone number.", False
    )
    stacking: StackingRuleInput | None = optional(
        "How it shares a bill. If omitted, freely. The till sends the bill."
    )
    branches: list[RuleBranchInput] | None = optional(
        f"The branches in which it can be used, at most {MAX_BRANCHES}. If omitted, in all."
    )
    maximum_uses: int | None = optional(
        "How often a voucher can be used, 1 to 1,000. If omitted, once, or with a balance until"
        " nothing is left of it."
    )
    voucher_balance: MoneyInput | None = optional(
        "The balance of each voucher that is claimed from now on. The till sends the amount of"
        " each use."
    )

    def parsed(self) -> rules.OfferRules:
        times = self.days_hours
        values: dict[str, Any] = {
            "minimum_spend": self.minimum_spend and self.minimum_spend.amount_minor,
            "voucher_balance": self.voucher_balance and self.voucher_balance.amount_minor,
            "first_visit": self.first_visit,
            "household": self.household,
            "maximum_uses": self.maximum_uses,
            "stacking": self.stacking and vars(self.stacking),
            "branches": [vars(one) for one in self.branches or []],
        }
        if times is not None:
            spans = [vars(one) for one in times.spans or []]
            values["days_hours"] = vars(times) | {"spans": spans}
        return parse(rules.RulesDraft, rules=values).rules

    def currencies(self) -> dict[str, str]:
        """Return the currency of each amount, by the name of its field."""
        given = {"minimumSpend": self.minimum_spend, "voucherBalance": self.voucher_balance}
        return {name: one.currency for name, one in given.items() if one is not None}
