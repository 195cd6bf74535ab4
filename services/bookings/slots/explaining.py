"""Why a start is offered or not, for the members of the vendor."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from models.bookings.claims import MAX_CLAIM_HOURS, Claim, SlotTaken
from models.bookings.classes import MeetingFull
from models.bookings.setting_up.resources import MAX_RESOURCES
from models.bookings.setting_up.services import Service, ServiceState
from models.bookings.slots import SlotNotOffered
from services.bookings.slots.engine import Candidate
from services.bookings.slots.limits import is_minute
from services.bookings.slots.offering import offered
from services.bookings.slots.reading import Reading, SlotQuestion, read_slots
from services.bookings.slots.zones import minute_of, moment_of, wall_day

MAX_CLAIMS = 100


class SlotVerdict(StrEnum):
    """Whether a start is offered, and what closes it first."""

    OFFERED = "OFFERED"
    NOT_BOOKABLE = "NOT_BOOKABLE"
    NOTICE = "NOTICE"
    HORIZON = "HORIZON"
    STAFF = "STAFF"
    CLOSED = "CLOSED"
    OFF_GRID = "OFF_GRID"
    LIMIT = "LIMIT"
    TAKEN = "TAKEN"
    MEETING_FULL = "MEETING_FULL"


class ClaimOwner(StrEnum):
    BOOKING = "BOOKING"
    CLASS = "CLASS"
    BLOCK = "BLOCK"


@dataclass(frozen=True, slots=True)
class ClaimInTheWay:
    """A claim that overlaps the visit or its buffers."""

    owner: ClaimOwner
    lane: int
    blocked_from: datetime
    blocked_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedResource:
    """A resource, and whether it has room for the visit.

    `starts_here` is None if its hours do not count for the steps.
    """

    resource_id: UUID
    ends_at: datetime
    works: bool
    starts_here: bool | None
    free_lanes: int
    claims: Sequence[ClaimInTheWay]


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotExplanation:
    """The verdict on a start, and what it is made of."""

    verdict: SlotVerdict
    earliest: datetime
    last_day: date
    booked_that_day: int | None
    resources: Sequence[ExplainedResource]


async def explain_slot(
    session: AsyncSession, service: Service, starts_at: datetime, *, staff_id: UUID | None = None
) -> SlotExplanation:
    """Explain why a start of a service can be booked, with this staff or with anybody, or not."""
    minute = minute_of(starts_at)
    reading = await read_slots(session, SlotQuestion(service, minute, minute + 1, now()))
    claims = await _find_claims(session, reading)
    limits = reading.limits
    return SlotExplanation(
        verdict=await _verdict(session, service, starts_at, staff_id),
        earliest=moment_of(limits.earliest),
        last_day=limits.last_day,
        booked_that_day=(
            None if service.per_day is None else limits.booked.get(wall_day(minute, limits.zone), 0)
        ),
        resources=[
            _explained(reading, one, claims, on_minute=is_minute(starts_at))
            for one in reading.slots.candidates[:MAX_RESOURCES]
            if staff_id is None or one.kind is not reading.slots.rules.leading or one.id == staff_id
        ],
    )


async def _verdict(
    session: AsyncSession, service: Service, starts_at: datetime, staff_id: UUID | None
) -> SlotVerdict:
    """Ask as a hold does."""
    if service.state is not ServiceState.ACTIVE:
        return SlotVerdict.NOT_BOOKABLE
    try:
        await offered(session, service, starts_at, staff_id=staff_id)
    except SlotNotOffered as error:
        return SlotVerdict(error.reason)
    except SlotTaken:
        return SlotVerdict.TAKEN
    except MeetingFull:
        return SlotVerdict.MEETING_FULL
    return SlotVerdict.OFFERED


def _explained(
    reading: Reading, one: Candidate, claims: Sequence[Claim], *, on_minute: bool
) -> ExplainedResource:
    slots, place = reading.slots, reading.question.first - reading.origin
    leading = one.kind is slots.rules.leading
    length = slots.length(one) if leading else max(slots.length(lead) for lead in slots.leads())
    fit, service = slots.fit(one, length), reading.question.service
    start = moment_of(reading.question.first)
    kept_from = start - timedelta(minutes=service.buffer_before)
    kept_until = start + timedelta(minutes=length + service.buffer_after)
    return ExplainedResource(
        resource_id=one.id,
        ends_at=start + timedelta(minutes=length),
        works=bool(fit.inside >> place & 1),
        starts_here=on_minute and bool(fit.grid >> place & 1) if leading else None,
        free_lanes=sum(starts >> place & 1 for starts in fit.lanes),
        claims=[
            _in_the_way(claim)
            for claim in claims
            if claim.resource_id == one.id
            and claim.blocked_from < kept_until
            and kept_from < claim.blocked_until
        ],
    )


async def _find_claims(session: AsyncSession, reading: Reading) -> Sequence[Claim]:
    """Return live claims of the resources around the visit, the earliest first."""
    slots, start = reading.slots, moment_of(reading.question.first)
    longest = max((slots.length(lead) for lead in slots.leads()), default=0)
    kept = timedelta(minutes=longest + slots.rules.after)
    rows = (
        select(Claim)
        .where(
            col(Claim.resource_id).in_([one.id for one in slots.candidates]),
            Claim.blocked_from
            > start - timedelta(hours=MAX_CLAIM_HOURS, minutes=slots.rules.before),
            Claim.blocked_from < start + kept,
            Claim.blocked_until > start - timedelta(minutes=slots.rules.before),
            or_(col(Claim.expires_at).is_(None), col(Claim.expires_at) > reading.question.moment),
        )
        .order_by(col(Claim.blocked_from), col(Claim.lane))
        .limit(MAX_CLAIMS)
    )
    return (await session.exec(rows)).all()


def _in_the_way(claim: Claim) -> ClaimInTheWay:
    owner = ClaimOwner.BLOCK
    if claim.booking_id is not None:
        owner = ClaimOwner.BOOKING
    elif claim.meeting_id is not None:
        owner = ClaimOwner.CLASS
    return ClaimInTheWay(owner, claim.lane, claim.blocked_from, claim.blocked_until)
