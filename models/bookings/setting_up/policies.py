"""Cancellation policies: what is given back of a booking, by the time before its start."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, NamedTuple
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from models.base import Row, foreign_key, json
from models.errors import Refusal
from models.personal_data import of_others
from models.pricing.amounts import BPS
from models.text import OneLine, one_line_constraint

MAX_POLICIES = 20  # of a vendor
MAX_TIERS = 6
MAX_TIER_MINUTES = 60 * 24 * 60
MAX_RESCHEDULES = 20
PolicyName = Annotated[str, OneLine(80)]


class RefundTier(NamedTuple):
    """The refund of a customer who cancels at least so many minutes before the start."""

    minutes: int
    bps: int


class CancelQuote(NamedTuple):
    """The refund of a customer who cancels until a time, of the paid amount, in minor units."""

    refund_bps: int
    refund: int
    until: datetime


class CancellationPolicy(Row, table=True):
    """A vendor's terms of cancelling, moving, and not coming. Each booking keeps a copy.

    `tiers` are pairs of minutes and basis points, the most minutes first. Later than the last one,
    nothing is refunded. Customers who do not come are charged `no_show_bps` of the price, at most
    what they have paid.
    """

    __tablename__ = "cancellation_policy"
    __table_args__ = (
        UniqueConstraint("id", "vendor_id"),
        UniqueConstraint("vendor_id", "name"),
        one_line_constraint("name"),
        CheckConstraint(f"jsonb_array_length(tiers) <= {MAX_TIERS}", name="tiers"),
        CheckConstraint(f"reschedules BETWEEN 0 AND {MAX_RESCHEDULES}", name="reschedules"),
        CheckConstraint(
            f"reschedule_minutes BETWEEN 0 AND {MAX_TIER_MINUTES}", name="reschedule_minutes"
        ),
        CheckConstraint(f"no_show_bps BETWEEN 0 AND {BPS}", name="no_show_bps"),
    )
    __privacy__ = of_others(none="name tiers reschedules reschedule_minutes no_show_bps")

    vendor_id: UUID = foreign_key("vendor", index=False)
    name: PolicyName = Field(max_length=80)
    tiers: list[list[int]] = json(default_factory=list)
    reschedules: int = 3  # by the customer
    reschedule_minutes: int = 0  # before the start, until which the customer can move
    no_show_bps: int = BPS


def refund_bps(tiers: Sequence[Sequence[int]], starts_at: datetime, moment: datetime) -> int:
    """Return the basis points that are refunded if a customer cancels at a moment."""
    left = starts_at - moment
    for minutes, bps in tiers:
        if left >= timedelta(minutes=minutes):
            return bps
    return 0


def refund_until(
    tiers: Sequence[Sequence[int]], starts_at: datetime, moment: datetime, *, most: int
) -> datetime:
    """Return until when a customer who cancels gets back what they get at a moment.

    That is at most `most` basis points, so tiers that give as much or more are one.
    """
    until = starts_at
    for minutes, bps in tiers if most else ():
        if starts_at - moment < timedelta(minutes=minutes):
            continue
        if bps < most:
            break
        until = starts_at - timedelta(minutes=minutes)
    return until


class PolicyLimitReached(Refusal):
    message = "A business can have at most {most} cancellation policies. Remove one first."
    meaning = "The vendor has the maximum number of cancellation policies."
    remedy = "Let the user change a policy that exists, or remove one that no service uses."


class PolicyNameTaken(Refusal):
    message = "Another cancellation policy has this name. Choose another name."
    meaning = "The vendor has a cancellation policy of this name."
    remedy = "Let the user choose another name."
    constraint = "cancellation_policy_vendor_id_name_key"


class PolicyInUse(Refusal):
    message = "Services use this cancellation policy. Give them another one first."
    meaning = "Services of the vendor have the policy, also archived ones."
    remedy = "Show the services of the policy, so that the user can change them."
