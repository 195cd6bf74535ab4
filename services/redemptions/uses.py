"""Uses of vouchers: what a till asks for, judged by the rules, taken and given back.

Everything that others can change is decided again under its lock or by its guarded update: the
bill, the balance and the number of uses, the household, and the visits.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import asyncpg

from core import money
from core.clock import now
from core.statements.units import UnitOfWork, connection_of
from models.offers.rules import (
    NO_RULES,
    OfferRuleKind,
    OfferRules,
    RuleFacts,
    RuleResult,
    RuleStage,
    first_failure,
    judge,
)
from models.offers.terms import read_rules
from models.redemptions import Redemption, RedemptionOutcome, RedemptionReason, Voucher
from models.redemptions.bills import Bill
from models.redemptions.requests import RedemptionRequest
from models.vendors import Vendor
from services.redemptions.bills import (
    find_groups,
    leave_bills,
    take_discount,
    wrong_currency,
)
from services.redemptions.use_statements import (
    COUNT_VISIT,
    DISCOUNT,
    LEAVE_HOUSEHOLD,
    LOCK_VISITS,
    LOCK_VISITS_OF,
    SHARED,
    TAKE,
    TAKE_BACK_VISITS,
    TAKE_HOUSEHOLD,
    TERMS,
    USE_NUMBERS,
)


@dataclass(frozen=True)
class Use:
    """A use that a till asks for. `failure` is the rule that refuses it.

    `amount` is what it takes of the balance, or of the bill, in minor units; None if not known.
    """

    rules: OfferRules = NO_RULES
    bill: Bill | None = None
    amount: int | None = None
    failure: RuleResult | None = None

    def refused(self, rule: OfferRuleKind, needed: str, given: str | None) -> "Use":
        return replace(self, failure=RuleResult(rule, ok=False, needed=needed, given=given))

    @property
    def reason(self) -> RedemptionReason:
        return RedemptionReason.RULE_FAILED if self.failure else RedemptionReason.APPROVED

    def columns(self, *, taken: bool) -> dict[str, object]:
        """Return the columns of the attempt."""
        failed = self.failure
        return {
            "bill_id": self.bill.id if self.bill else None,
            "amount_minor": self.amount if taken else None,
            "failed_rule": failed.rule if failed else None,
            "rule_facts": {"needed": failed.needed, "given": failed.given} if failed else None,
        }


async def plan_use(
    connection: asyncpg.Connection,
    vendor: Vendor,
    voucher: Voucher,
    presented: RedemptionRequest,
    *,
    bill: Bill | None,
    scanner_id: UUID | None,
    at: datetime,
) -> Use:
    """Return the use of a valid voucher, judged by the rules it was claimed under.

    The bill and the voucher are locked. Raises `InvalidInput` for another currency.
    """
    asked = presented.amount
    if asked is not None and asked.currency != vendor.currency:
        raise wrong_currency(vendor, "amount", "currency")
    rules = NO_RULES
    if voucher.terms_id is not None:
        (terms,) = await TERMS.fetch(connection, id=voucher.terms_id)
        rules = read_rules(terms.rules)
    elif bill is None:
        return Use()
    amount = asked.amount_minor if asked else None
    if amount is None and bill is not None and voucher.balance_minor is not None:
        amount = min(voucher.balance_minor, bill.left) or None
    facts = RuleFacts(
        at=at,
        time_zone=vendor.time_zone,
        currency=vendor.currency,
        visits=await _find_visits(connection, voucher, at) if rules.first_visit else 0,
        shared_household=rules.household and await _shares_household(connection, voucher),
        used=voucher.used,
        scanner_id=scanner_id,
        balance=voucher.balance_minor,
        amount=amount,
        bill=bill.amount_minor if bill else None,
        bill_left=bill.left if bill else 0,
        stacked=await find_groups(connection, bill) if bill else (),
        alone=bill is not None and bill.alone,
    )
    failure = first_failure(judge(rules, facts, RuleStage.TILL))
    if voucher.balance_minor is None:
        amount = await _discount_on(connection, voucher, bill) if bill else None
    return Use(rules, bill, amount, failure)


async def take_use(
    connection: asyncpg.Connection,
    use: Use,
    voucher: Voucher,
    outcome: RedemptionOutcome,
    at: datetime,
    currency: str,
) -> Use:
    """Take what a use needs, and return it: with a failure if others were faster.

    Then nothing is taken. A held use takes all but the voucher itself, which waits for its check.
    Visits are locked before households, in all uses.
    """
    if use.rules.household:
        await _find_visits(connection, voucher, at)
        if not await _take_household(connection, voucher, at):
            return use.refused(OfferRuleKind.HOUSEHOLD, "1", "1")
    if outcome is RedemptionOutcome.HELD:
        await change_visits(connection, voucher, 1)
    elif not await _take_voucher(connection, voucher, use.amount, at):
        if not voucher.used:
            await LEAVE_HOUSEHOLD.execute(connection, voucher_id=voucher.id)
        needed = money.decimal(use.amount or 0, currency)
        return use.refused(OfferRuleKind.BALANCE, needed, None)
    if use.bill is not None:
        taken = await take_discount(connection, use.bill, use.rules, use.amount or 0)
        if not taken:
            raise RuntimeError("A locked bill refused a voucher that was judged by it.")
    return use


async def give_back(unit: UnitOfWork, redemption: Redemption, voucher: Voucher) -> None:
    """Give back what an attempt has taken beside the voucher: visit, household and bill.

    The bill and the voucher are locked, and what the session changed of the voucher is counted.
    """
    connection = await connection_of(unit)
    await change_visits(connection, voucher, -1)
    if not voucher.used:
        await LEAVE_HOUSEHOLD.execute(connection, voucher_id=voucher.id)
    if redemption.bill_id is not None:
        await leave_bills(connection, [redemption.id])


async def next_use_number(connection: asyncpg.Connection, voucher: Voucher) -> int:
    """Return the lowest number that no standing use of a locked voucher has."""
    if voucher.max_uses == 1:
        return 1
    rows = await USE_NUMBERS.fetch(connection, voucher_id=voucher.id)
    known = {row["use_no"] for row in rows}
    return next(number for number in range(1, voucher.max_uses + 2) if number not in known)


async def _take_voucher(
    connection: asyncpg.Connection, voucher: Voucher, amount: int | None, at: datetime
) -> bool:
    taken = amount if voucher.balance_minor is not None else 0
    return bool(await TAKE.fetch(connection, voucher_id=voucher.id, amount=taken or 0, at=at))


async def _take_household(connection: asyncpg.Connection, voucher: Voucher, at: datetime) -> bool:
    """Note the devices and phone numbers of the holder, unless another voucher has one of them.

    They are inserted in one order, so that two of a household do not wait for each other.
    """
    these = {"offer_id": voucher.offer_id, "voucher_id": voucher.id, "user_id": voucher.user_id}
    await TAKE_HOUSEHOLD.execute(connection, **these, at=at)
    if not await _shares_household(connection, voucher):
        return True
    if not voucher.used:
        await LEAVE_HOUSEHOLD.execute(connection, voucher_id=voucher.id)
    return False


async def _shares_household(connection: asyncpg.Connection, voucher: Voucher) -> bool:
    (row,) = await SHARED.fetch(
        connection, offer_id=voucher.offer_id, voucher_id=voucher.id, user_id=voucher.user_id
    )
    return bool(row[0])


async def _find_visits(connection: asyncpg.Connection, voucher: Voucher, at: datetime) -> int:
    """Return the visits of the holder without uses of this voucher, and lock them."""
    (row,) = await LOCK_VISITS.fetch(
        connection, vendor_id=voucher.vendor_id, user_id=voucher.user_id, visits=0, first_at=at
    )
    return max(0, int(row["visits"]) - voucher.used)


async def change_visits(connection: asyncpg.Connection, voucher: Voucher, by: int) -> None:
    """Count more or fewer visits of a voucher's holder at its vendor."""
    await change_all_visits(connection, [(voucher, by)])


async def change_all_visits(
    connection: asyncpg.Connection, changes: Sequence[tuple[Voucher, int]]
) -> None:
    """Count more or fewer visits of many vouchers, in three statements however many they are."""
    changed = sorted(
        ((one.vendor_id, one.user_id, by) for one, by in changes if by), key=lambda row: row[:2]
    )
    if not changed:
        return
    vendor_ids, user_ids = {row[0] for row in changed}, {row[1] for row in changed}
    await LOCK_VISITS_OF.fetch(connection, vendor_ids=vendor_ids, user_ids=user_ids)
    moment = now()
    more = [
        {"vendor_id": vendor_id, "user_id": user_id, "visits": by, "first_at": moment}
        for vendor_id, user_id, by in changed
        if by > 0
    ]
    fewer = [
        {"vendor_id": vendor_id, "user_id": user_id, "fewer": -by}
        for vendor_id, user_id, by in changed
        if by < 0
    ]
    await COUNT_VISIT.execute_many(connection, more)
    await TAKE_BACK_VISITS.execute_many(connection, fewer)


async def _discount_on(connection: asyncpg.Connection, voucher: Voucher, bill: Bill) -> int:
    """Return what a voucher takes of a bill: of the whole amount, and at most what is left.

    So the sum does not depend on the order of the vouchers. A free item takes nothing.
    """
    (offer,) = await DISCOUNT.fetch(connection, id=voucher.offer_id)
    discount: int = offer["amount_minor"] or bill.amount_minor * (offer["percent"] or 0) // 100
    return min(discount, bill.left)
