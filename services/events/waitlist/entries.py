"""The states of waitlist entries, as their holds end or are sold."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import Boolean, Integer, bindparam, case, literal, null
from sqlmodel import col, or_, update

from core.statements.parameters import current_time
from core.statements.selected import columns_of
from core.statements.statement import KEYS, Statement, any_of
from core.statements.units import UnitOfWork, connection_of
from models.events.changes import EventChangeKind
from models.events.selling.holds import TicketHold
from models.events.selling.waitlist import MAX_UNANSWERED, WaitlistEntry, WaitlistState
from services import jobs
from services.events.announcing import record_change
from services.events.entries import WaitlistEntryChanged
from services.journal import append as journal
from services.journal.topics import user_topic

_DECLINED = bindparam("declined", type_=Boolean())
_UNANSWERED = col(WaitlistEntry.unanswered) + bindparam("unanswered", type_=Integer())
_LAPSES = _UNANSWERED >= MAX_UNANSWERED
# A hold that is declined ends its entry. One that is not answered does so at the second time.
RETURN = Statement(
    update(WaitlistEntry)
    .where(any_of(col(WaitlistEntry.id)), col(WaitlistEntry.state) == WaitlistState.HOLDING)
    .values(
        state=case(
            (_DECLINED, literal(WaitlistState.LEFT.value)),
            (_LAPSES, literal(WaitlistState.LAPSED.value)),
            else_=literal(WaitlistState.WAITING.value),
        ),
        unanswered=_UNANSWERED,
        ended_at=case((or_(_DECLINED, _LAPSES), current_time()), else_=null()),
    )
    .returning(*columns_of(WaitlistEntry)),
    WaitlistEntry,
)
SERVE = Statement(
    update(WaitlistEntry)
    .where(any_of(col(WaitlistEntry.id)), col(WaitlistEntry.ended_at).is_(None))
    .values(state=WaitlistState.SERVED, ended_at=current_time())
    .returning(*columns_of(WaitlistEntry)),
    WaitlistEntry,
)


async def return_entries(
    unit: UnitOfWork, holds: Collection[TicketHold], *, declined: bool, unanswered: bool
) -> set[UUID]:
    """Let the entries of holds that end wait again, or end. Returns the holds of those that wait.

    `unanswered` is whether their users had the time to order.
    """
    ids = sorted(hold.entry_id for hold in holds if hold.entry_id is not None)
    if not ids:
        return set()
    given = {KEYS: ids, "declined": declined, "unanswered": int(unanswered)}
    entries = await RETURN.fetch(await connection_of(unit), **given)
    await announce_entries(unit, entries)
    for entry in entries:
        if entry.state is WaitlistState.LAPSED:
            await jobs.defer(unit, "tell_waitlist_lapsed", entry_id=entry.id)
        if not declined:  # it is not certain that tickets become free
            await jobs.defer(unit, "serve_waitlist", event_date_id=entry.event_date_id)
    waiting = {entry.id for entry in entries if entry.state is WaitlistState.WAITING}
    return {hold.id for hold in holds if hold.entry_id in waiting}


async def mark_served(unit: UnitOfWork, holds: Collection[TicketHold]) -> None:
    """End the entries of holds that were sold. They stay SERVED, also if tickets are cancelled."""
    ids = sorted(hold.entry_id for hold in holds if hold.entry_id is not None)
    if ids:
        await announce_entries(unit, await SERVE.fetch(await connection_of(unit), **{KEYS: ids}))


async def announce_entries(unit: UnitOfWork, entries: Sequence[WaitlistEntry]) -> None:
    """Announce changed entries to their users, and for the figures of their dates."""
    for entry in entries:
        journal.append(unit, WaitlistEntryChanged(entry.id), to=[user_topic(entry.user_id)])
    for event_date_id in sorted({entry.event_date_id for entry in entries}):
        ids = sorted(entry.id for entry in entries if entry.event_date_id == event_date_id)
        await record_change(unit, event_date_id, EventChangeKind.WAITLIST, ids)
