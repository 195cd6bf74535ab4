"""Rules that are true of one row: of check-in lists, holds, waitlists, queues and series."""

from datetime import UTC, datetime, time, timedelta
from uuid import UUID

import pytest

from core.ids import new_id
from core.wall import instant, later, wall
from models.errors import InvalidInput
from models.events.check_in.lists import (
    Attendance,
    CheckInList,
    CheckInMode,
    ScanDirection,
    ScanOutcome,
    ScanReason,
)
from models.events.check_in.scanners import Scanner
from models.events.events import TransferPolicy
from models.events.selling.holds import TicketHold
from models.events.selling.sale_queue import (
    AdmissionEnded,
    NotYourTurn,
    QueueEntryState,
    SaleQueue,
    SaleQueueEntry,
    draw_key,
)
from models.events.selling.waitlist import (
    MAX_SKIPS,
    WaitlistEntry,
    waitlist_hold_end,
    waitlist_hold_length,
)
from models.events.series import DateRule, DateTimes, SeriesUnit
from models.events.ticket_types import TicketTypeKind
from models.events.tickets import Ticket, TicketCancelled, TicketState, TransferRefused
from models.notifications.preferences import QuietHours

NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
DATE, TYPE = new_id(), new_id()
ADMISSION = TicketTypeKind.ADMISSION


def ticket(**values: object) -> Ticket:
    given: dict[str, object] = {
        "event_date_id": DATE,
        "vendor_id": new_id(),
        "ticket_type_id": TYPE,
        "code": "7QX4M-2K9TD",
        "price": 100_01,
        "currency": "INR",
    } | values
    return Ticket(**given)  # type: ignore[arg-type]


def door(**values: object) -> CheckInList:
    return CheckInList(event_date_id=DATE, name="Door", **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("shown", "listed", "generation", "reason"),
    [
        ({}, {}, 1, None),
        ({"event_date_id": new_id(), "state": TicketState.CANCELLED}, {}, 1, "WRONG_DATE"),
        ({"state": TicketState.CANCELLED, "generation": 2}, {}, 1, "CANCELLED"),
        ({"generation": 2}, {}, 1, "OLD_GENERATION"),
        ({}, {"type_ids": [new_id()]}, 1, "WRONG_LIST"),
        ({}, {"type_ids": [TYPE]}, 1, None),
        ({}, {"opens_at": NOW + MINUTE}, 1, "NOT_YET"),
        ({}, {"closes_at": NOW}, 1, "TOO_LATE"),
        ({"generation": 2}, {"opens_at": NOW + MINUTE}, 1, "OLD_GENERATION"),
    ],
)
def test_a_list_refuses_by_the_ticket_before_the_time(
    shown: dict[str, object], listed: dict[str, object], generation: int, reason: str | None
) -> None:
    refused = door(**listed).refuses(ticket(**shown), ADMISSION, generation, NOW)
    assert refused == (None if reason is None else ScanReason(reason))


def test_a_ticket_in_transfer_is_refused() -> None:
    refused = door().refuses(ticket(), ADMISSION, 1, NOW, in_transfer=True)
    assert refused is ScanReason.IN_TRANSFER


@pytest.mark.parametrize("kind", [TicketTypeKind.ADD_ON, TicketTypeKind.DONATION])
def test_a_list_without_types_admits_those_of_admission(kind: TicketTypeKind) -> None:
    assert door().refuses(ticket(), kind, 1, NOW) is ScanReason.WRONG_LIST
    assert door(type_ids=[TYPE]).refuses(ticket(), kind, 1, NOW) is None


def fold(mode: CheckInMode, scans: str, **values: object) -> list[ScanOutcome]:
    """Return the outcomes of entries (I) and exits (O), a minute apart."""
    listed, known, outcomes = door(mode=mode, **values), Attendance(), []
    for number, scan in enumerate(scans):
        direction = ScanDirection.ENTRY if scan == "I" else ScanDirection.EXIT
        moment = NOW + number * MINUTE
        outcome, _ = listed.verdict(known, direction, moment)
        known = known.after(outcome, moment)
        outcomes.append(outcome)
    return outcomes


A, L, D, R = ScanOutcome.ADMITTED, ScanOutcome.LEFT, ScanOutcome.DUPLICATE, ScanOutcome.REFUSED


@pytest.mark.parametrize(
    ("mode", "scans", "values", "outcomes"),
    [
        (CheckInMode.ONCE, "IIOI", {}, [A, D, L, D]),
        (CheckInMode.REENTRY, "IIOIO", {}, [A, D, L, A, L]),
        (CheckInMode.REENTRY, "OI", {}, [R, A]),
        (CheckInMode.REENTRY, "III", {"reentry_minutes": 2}, [A, D, A]),
        (CheckInMode.TIMES, "IIII", {"max_entries": 3}, [A, A, A, D]),
    ],
)
def test_entries_decide_by_the_mode(
    mode: CheckInMode, scans: str, values: dict[str, object], outcomes: list[ScanOutcome]
) -> None:
    assert fold(mode, scans, **values) == outcomes


def test_a_ticket_is_transferred_and_refunded_by_its_policies() -> None:
    free = ticket(refund_until=NOW + HOUR, refund_bps=5_000)
    free.ensure_transferable(NOW)
    assert (free.refund_now(NOW), free.refund_now(NOW + HOUR)) == (50_01, 0)
    for refused in (
        ticket(transfer=TransferPolicy.NONE),
        ticket(transfer=TransferPolicy.UNTIL, transfer_until=NOW),
    ):
        with pytest.raises(TransferRefused):
            refused.ensure_transferable(NOW)
    free.renew("00000-00000")
    assert free.generation == 2
    free.state = TicketState.CANCELLED
    with pytest.raises(TicketCancelled):
        free.ensure_valid()


def test_a_hold_is_never_extended_past_its_hard_end() -> None:
    hold = TicketHold(
        event_date_id=DATE,
        vendor_id=new_id(),
        user_id=new_id(),
        currency="INR",
        expires_at=NOW + 10 * MINUTE,
        hard_until=NOW + 30 * MINUTE,
    )
    assert hold.extended_until(NOW + 5 * MINUTE) == NOW + 15 * MINUTE
    assert hold.extended_until(NOW + 25 * MINUTE) == hold.hard_until
    assert hold.is_open(NOW)
    assert not hold.is_open(NOW + 10 * MINUTE)


def test_a_waitlist_entry_fits_prefers_and_blocks_after_skips() -> None:
    one, other = new_id(), new_id()
    entry = WaitlistEntry(
        event_date_id=DATE, user_id=new_id(), type_ids=[other, one], least=2, most=4
    )
    assert entry.preferred([one, other, TYPE]) == [other, one]
    for _ in range(MAX_SKIPS):
        assert not entry.blocks(NOW)
        entry.skip(NOW)
    assert entry.blocks(NOW)
    assert not entry.blocks(NOW + 24 * HOUR)
    lengths = [waitlist_hold_length(NOW, NOW + hours * HOUR) for hours in (1, 8, 1_000)]
    assert lengths == [30 * MINUTE, 2 * HOUR, 24 * HOUR]


def test_a_waitlist_hold_does_not_run_in_quiet_hours() -> None:
    """NOW is 12:00 in UTC."""
    end = NOW + 1_000 * HOUR
    asleep = QuietHours(user_id=new_id(), starts_at=time(11), ends_at=time(13), time_zone="UTC")
    soon = QuietHours(user_id=new_id(), starts_at=time(12, 20), ends_at=time(14), time_zone="UTC")
    short = NOW + HOUR
    assert waitlist_hold_end(NOW, end, None) == NOW + 24 * HOUR
    assert waitlist_hold_end(NOW, end, asleep) == NOW + 24 * HOUR, "the most"
    assert waitlist_hold_end(NOW, NOW + 2 * HOUR, asleep) == NOW + 90 * MINUTE
    assert waitlist_hold_end(NOW, NOW + 3 * HOUR, soon) == NOW + 2 * HOUR
    assert waitlist_hold_end(NOW, short, soon) == short, "the sale ends before the user wakes"


def test_a_queue_serves_by_its_rate_and_by_who_is_active() -> None:
    queue = SaleQueue(
        event_id=new_id(),
        prequeue_at=NOW,
        opens_at=NOW,
        seed=b"1" * 32,
        seed_hash=b"2" * 32,
        per_minute=60,
        pace=60,
        most_active=10,
        last_number=100,
    )
    assert queue.to_serve(NOW + timedelta(seconds=5), active=0) == 5
    assert queue.to_serve(NOW + MINUTE, active=3) == 7
    assert queue.to_serve(NOW + MINUTE, active=12) == 0
    assert queue.revealed_seed is None
    keys = [draw_key(b"1" * 32, UUID(int=n)) for n in range(3)]
    assert len(set(keys)) == 3
    queue.draw(100, NOW)
    queue.serve(NOW + timedelta(seconds=5), active=0)
    assert (queue.serving, queue.served_at) == (5, NOW + timedelta(seconds=5))
    queue.serve(NOW + MINUTE, active=10)
    assert (queue.serving, queue.served_at) == (5, NOW + MINUTE), "no time is saved up"
    queue.serve(NOW + MINUTE + timedelta(seconds=1.5), active=0)
    assert (queue.serving, queue.served_at) == (6, NOW + MINUTE + timedelta(seconds=1))
    assert queue.revealed_seed == b"1" * 32


def test_a_queue_slows_down_under_pressure() -> None:
    queue = SaleQueue(event_id=new_id(), prequeue_at=NOW, opens_at=NOW, seed=b"", seed_hash=b"")
    paces = []
    for slow in (True, True, True, True, True, False, False):
        queue.adjust_pace(slow=slow)
        paces.append(queue.pace)
    assert paces == [300, 150, 75, 60, 60, 120, 180]


def test_a_turn_begins_with_the_call_and_ends() -> None:
    queue = SaleQueue(event_id=new_id(), prequeue_at=NOW, opens_at=NOW, seed=b"", seed_hash=b"")
    entry = SaleQueueEntry(queue_id=queue.id, user_id=new_id(), number=5)
    with pytest.raises(NotYourTurn):
        entry.ensure_turn(queue, NOW)
    assert [entry.ahead(serving) for serving in (0, 4, 5)] == [4, 0, 0]
    entry.seen_at = NOW
    entry.ensure_turn(queue, NOW + 4 * MINUTE)
    with pytest.raises(AdmissionEnded):
        entry.ensure_turn(queue, NOW + 5 * MINUTE)
    entry.state, entry.admitted_at = QueueEntryState.ADMITTED, NOW
    entry.ensure_turn(queue, NOW + 9 * MINUTE)
    with pytest.raises(AdmissionEnded):
        entry.ensure_turn(queue, NOW + 10 * MINUTE)


def test_the_time_of_a_scan_is_corrected_and_never_in_the_future() -> None:
    scanner = Scanner(
        vendor_id=new_id(),
        registered_by_id=new_id(),
        name="A",
        key_hash=b"1" * 32,
        clock_offset_ms=-60_000,
    )
    assert scanner.moment_of(NOW, NOW) == (NOW - MINUTE, False)
    assert scanner.moment_of(NOW + 2 * MINUTE, NOW) == (NOW, False)
    assert scanner.moment_of(NOW + 4 * MINUTE, NOW) == (NOW, True)


def test_wall_times_of_changed_clocks() -> None:
    berlin = "Europe/Berlin"
    assert instant(datetime(2030, 3, 31, 2, 30), berlin) is None
    first = instant(datetime(2030, 10, 27, 2, 30), berlin)
    second = instant(datetime(2030, 10, 27, 2, 30, fold=1), berlin)
    assert first is not None
    assert second is not None
    assert second - first == HOUR
    assert wall(second, berlin).fold == 1
    assert later(datetime(2030, 3, 31, 1, 30), berlin, HOUR) == datetime(2030, 3, 31, 3, 30)
    times = DateTimes.of(datetime(2030, 10, 27, 1, 30), berlin, 120, field=["starts"])
    assert times.local_end == datetime(2030, 10, 27, 2, 30)
    with pytest.raises(InvalidInput):
        DateTimes.of(datetime(2030, 3, 31, 2, 30), berlin, 60, field=["starts"])


@pytest.mark.parametrize(
    ("values", "days"),
    [
        ({"unit": "DAILY", "every": 3}, ["06-14", "06-17", "06-20"]),
        ({"unit": "WEEKLY"}, ["06-14", "06-21", "06-28"]),
        ({"unit": "WEEKLY", "every": 2, "weekdays": [7, 1]}, ["06-16", "06-24", "06-30"]),
        ({"unit": "MONTHLY"}, ["06-14", "07-12", "08-09"]),
    ],
)
def test_a_rule_is_expanded(values: dict[str, object], days: list[str]) -> None:
    rule = DateRule.model_validate({"first": datetime(2030, 6, 14, 20), "count": 3} | values)
    assert [f"{one:%m-%d}" for one in rule.times()] == days
    assert all(one.hour == 20 for one in rule.times())


def test_a_monthly_rule_leaves_out_months_without_a_fifth() -> None:
    rule = DateRule(first=datetime(2030, 5, 31, 20), unit=SeriesUnit.MONTHLY, count=2)
    assert [one.date().isoformat() for one in rule.times()] == ["2030-05-31", "2030-08-30"]
