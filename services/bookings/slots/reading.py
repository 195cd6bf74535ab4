"""Hours and claims of resources, read by two statements whatever the number of resources."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from asyncpg import Connection
from sqlalchemy import text

from core.minutes import Span
from core.statements.statement import Statement
from core.statements.units import UnitOfWork, connection_of
from models.bookings.setting_up.resources import ResourceKind
from models.bookings.setting_up.services import MAX_DURATION, Service
from models.bookings.slots import SlotReason
from services.bookings.slots.engine import Candidate, Rules, Slots
from services.bookings.slots.hours import Grid, Hours, MinuteWindow, Week
from services.bookings.slots.limits import Limits
from services.bookings.slots.zones import DAY, moment_of, wall_day

# A row for each resource that is needed and can be used, and one for a need without any.
HOURS = Statement(
    text(
        """
    SELECT need.kind, need.count, resource.id, resource.lanes, resource.time_zone,
        usable.duration, usable.price, vendor.time_zone AS vendor_zone,
        (SELECT jsonb_agg(jsonb_build_array(from_day, until_day, spans))
         FROM schedule WHERE resource_id = resource.id
            AND from_day <= :until_day AND (until_day IS NULL OR until_day >= :from_day)) AS weeks,
        EXISTS (SELECT FROM schedule WHERE resource_id = resource.id) AS scheduled,
        (SELECT jsonb_object_agg(day, spans) FROM day_override
         WHERE resource_id = resource.id AND day BETWEEN :from_day AND :until_day) AS days,
        (SELECT jsonb_agg(jsonb_build_array(from_day, until_day)) FROM closure
         WHERE vendor_id = :vendor_id
            AND from_day <= :until_day AND until_day >= :from_day) AS closures,
        CASE WHEN :per_day THEN (
            SELECT jsonb_object_agg(day, count) FROM (
                SELECT local_start::date AS day, count(*) FROM booking
                WHERE service_id = :service_id AND id IS DISTINCT FROM :without_booking
                    AND starts_at >= :starts_from AND starts_at < :starts_before
                    AND (state IN ('CONFIRMED', 'COMPLETED', 'NO_SHOW')
                        OR state IN ('HELD', 'REQUESTED', 'PENDING_PAYMENT')
                            AND (expires_at IS NULL OR expires_at > :moment))
                GROUP BY 1
            ) AS of_day
        ) END AS booked
    FROM service_need AS need
    JOIN vendor ON vendor.id = :vendor_id
    LEFT JOIN (service_resource AS usable
        JOIN resource ON resource.id = usable.resource_id AND resource.state = 'ACTIVE')
        ON usable.service_id = need.service_id AND resource.kind = need.kind
            AND (need.kind <> 'STAFF' OR need.count > 1
                OR coalesce(:staff_id, resource.id) = resource.id)
    WHERE need.service_id = :service_id
    ORDER BY resource.position, resource.id
    """
    )
)

# Claims last for a day at most, so those that began a day before the window are all that reach it.
# The index has all of these columns.
CLAIMS = """
    SELECT resource_id, lane,
        array_agg((date_part('epoch', blocked_from) / 60)::int - :first) AS firsts,
        array_agg((date_part('epoch', blocked_until) / 60)::int - :first) AS ends
    FROM claim
    WHERE resource_id = ANY(:ids)
        AND blocked_from > :claims_from AND blocked_from < :claims_until
        AND (expires_at IS NULL OR expires_at > :moment) {others}
    GROUP BY resource_id, lane
    """
ALL_CLAIMS = Statement(text(CLAIMS.format(others="")))
OTHER_CLAIMS = Statement(
    text(CLAIMS.format(others="AND booking_id IS DISTINCT FROM :without_booking"))
)
A_DAY = timedelta(days=1)


class SlotQuestion(NamedTuple):
    """Which starts of a service are asked for: from a minute until another, which is excluded.

    `without_booking` is one that may move: its claims and its place in a daily limit are free. With
    `staff_id`, other staff are not read, unless a visit needs several.
    """

    service: Service
    first: int
    end: int
    moment: datetime
    visits: int = 1
    without_booking: UUID | None = None
    anytime: bool = False
    staff_id: UUID | None = None


class Reading(NamedTuple):
    """The slots of a service, and the limits that close some of them."""

    question: SlotQuestion
    slots: Slots
    limits: Limits

    @property
    def origin(self) -> int:
        """Return the minute from which the sets of minutes count."""
        return self.slots.window.first

    def bookable(self) -> int:
        """Return the starts that were asked for, without those that limits close."""
        asked = MinuteWindow(self.question.first, self.question.end)
        limited = self.limits.bookable(asked)
        return limited << (asked.first - self.origin)

    def starts(self, wanted: Collection[UUID] | None = None) -> int:
        """Return the starts that are offered."""
        return self.slots.starts(wanted) & self.bookable()

    def closing_seats(self, minute: int) -> SlotReason | None:
        """Return the rule that keeps customers from the seats left of a meeting.

        On a day that the vendor closes, those who have a seat keep it, and no one joins them.
        """
        limit = self.limits.reason(minute)
        if limit in {SlotReason.NOTICE, SlotReason.HORIZON}:
            return limit
        closed = wall_day(minute, self.limits.zone) in self.slots.closed
        return SlotReason.CLOSED if closed else limit


async def read_slots(unit: UnitOfWork, question: SlotQuestion) -> Reading:
    """Read the hours and claims of all resources that a service can take."""
    service, connection = question.service, await connection_of(unit)
    rows = await HOURS.fetch(connection, **_hours_parameters(question))
    resources = [row for row in rows if row["id"] is not None]
    needs = {ResourceKind[row["kind"]]: row["count"] for row in rows}
    rules = Rules(
        duration=service.duration,
        before=service.buffer_before,
        after=service.buffer_after,
        grid=Grid(service.step, service.anchor),
        needs=needs,
        visits=1 if service.is_class else question.visits,
    )
    window, claims_until = _window(question, rules, resources)
    claims = await _read_claims(connection, question, resources, window, claims_until)
    slots = Slots(
        window=window,
        rules=rules,
        candidates=[_candidate(row, rules, claims) for row in resources],
        closed=closed_days(rows, window),
        anytime=question.anytime,
    )
    return Reading(question, slots, _limits(question, rows))


def _hours_parameters(question: SlotQuestion) -> dict[str, Any]:
    """Return the parameters. The days are enough for each zone, and for the end of long visits."""
    service, longest = question.service, MAX_DURATION * question.visits
    starts_from, starts_before = moment_of(question.first), moment_of(question.end)
    return {
        "service_id": service.id,
        "vendor_id": service.vendor_id,
        "from_day": (starts_from - 2 * A_DAY).date(),
        "until_day": (starts_before + timedelta(minutes=longest) + 2 * A_DAY).date(),
        "per_day": service.per_day is not None,
        "starts_from": starts_from - 2 * A_DAY,
        "starts_before": starts_before + 2 * A_DAY,
        "without_booking": question.without_booking,
        "moment": question.moment,
        "staff_id": question.staff_id,
    }


def _window(
    question: SlotQuestion, rules: Rules, resources: Sequence[Any]
) -> tuple[MinuteWindow, int]:
    """Return the window, of whole days of UTC so that its sets are kept, and the end of claims."""
    durations = [row["duration"] or rules.duration for row in resources]
    longest = max(durations, default=rules.duration) * rules.visits
    until = question.end + longest + rules.after
    first = (question.first - rules.before) // DAY * DAY
    return MinuteWindow(first, -(-until // DAY) * DAY), until


async def _read_claims(
    connection: Connection,
    question: SlotQuestion,
    resources: Sequence[Any],
    window: MinuteWindow,
    until: int,
) -> Mapping[UUID, Mapping[int, Sequence[Span]]]:
    """Return the claims of each lane of each resource, in minutes of the window."""
    first = question.first - question.service.buffer_before
    values = {
        "ids": [row["id"] for row in resources],
        "first": window.first,
        "claims_from": moment_of(first) - A_DAY,
        "claims_until": moment_of(until),
        "moment": question.moment,
        "without_booking": question.without_booking,
    }
    statement = ALL_CLAIMS if question.without_booking is None else OTHER_CLAIMS
    found: dict[UUID, dict[int, Sequence[Span]]] = defaultdict(dict)
    for row in await statement.fetch(connection, **values):
        found[row["resource_id"]][row["lane"]] = list(zip(row["firsts"], row["ends"], strict=True))
    return found


def _candidate(
    row: Any, rules: Rules, claims: Mapping[UUID, Mapping[int, Sequence[Span]]]
) -> Candidate:
    kind = ResourceKind[row["kind"]]
    chosen = kind is rules.leading and rules.needs[kind] == 1
    of_lane = claims.get(row["id"], {})
    return Candidate(
        id=row["id"],
        kind=kind,
        hours=hours_of(row, kind),
        lanes=[of_lane.get(lane, ()) for lane in range(row["lanes"])],
        former_lanes=[claimed for lane, claimed in of_lane.items() if lane >= row["lanes"]],
        duration=row["duration"] if chosen else None,
        price=row["price"] if chosen else None,
    )


def hours_of(row: Any, kind: ResourceKind) -> Hours:
    """Return the hours of a resource, of a row with its weeks and other days."""
    return Hours(
        zone=row["time_zone"],
        weeks=tuple(_week(*week) for week in row["weeks"] or ()),
        days={
            date.fromisoformat(day): tuple((first, end) for first, end in spans)
            for day, spans in (row["days"] or {}).items()
        },
        always=kind is not ResourceKind.STAFF and not row["scheduled"],
    )


def _week(from_day: str, until_day: str | None, triples: Sequence[Sequence[int]]) -> Week:
    spans: list[list[Span]] = [[] for _ in range(7)]
    for weekday, first, end in triples:
        spans[weekday - 1].append((first, end))
    until = None if until_day is None else date.fromisoformat(until_day)
    return Week(date.fromisoformat(from_day), until, tuple(tuple(sorted(day)) for day in spans))


def closed_days(rows: Sequence[Any], window: MinuteWindow) -> frozenset[date]:
    """Return the days of closures that the window may reach in any zone."""
    first, last = moment_of(window.first) - A_DAY, moment_of(window.end) + A_DAY
    closed = set()
    for from_day, until_day in (rows[0]["closures"] or ()) if rows else ():
        day = max(date.fromisoformat(from_day), first.date())
        until = min(date.fromisoformat(until_day), last.date())
        while day <= until:
            closed.add(day)
            day += A_DAY
    return frozenset(closed)


def _limits(question: SlotQuestion, rows: Sequence[Any]) -> Limits:
    service = question.service
    booked = (rows[0]["booked"] or {}) if rows else {}
    return Limits(
        zone=rows[0]["vendor_zone"] if rows else "UTC",
        moment=question.moment,
        notice=service.notice,
        horizon=service.horizon,
        per_day=service.per_day,
        booked={date.fromisoformat(day): count for day, count in booked.items()},
        visits=question.visits,
    )
