"""Room in quotas: counters that are locked, checked and changed together."""

from collections import Counter
from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import Integer, Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import col, select

from core.database import for_change
from core.statements.selected import columns_of
from core.statements.statement import KEYS, Statement, any_of
from core.statements.units import UnitOfWork, connection_of
from models.events.selling.holds import HoldLine
from models.events.ticket_types import TicketQuota
from services import jobs

LOCK = Statement(
    for_change(
        select(*columns_of(TicketQuota))
        .where(any_of(col(TicketQuota.id)))
        .order_by(col(TicketQuota.id))
    ),
    TicketQuota,
)
# The guard reads only the row that it changes, so it holds also for a caller without the lock.
CHANGE = Statement(
    text(
        """
        UPDATE ticket_quota SET taken = taken + given.tickets
        FROM unnest(:ids, :tickets) AS given (id, tickets)
        WHERE ticket_quota.id = given.id AND taken + given.tickets BETWEEN 0 AND capacity
        RETURNING ticket_quota.id, event_date_id,
            waitlist_first AND given.tickets < 0 AS for_waiting
        """
    ).bindparams(
        bindparam("ids", type_=ARRAY(Uuid())), bindparam("tickets", type_=ARRAY(Integer()))
    )
)


class QuotaChanged(Exception):
    """A counter could not be changed as planned: a bug, or a control without the lock."""


class Room:
    """The room of quotas that are locked, and the changes that are planned of it."""

    def __init__(self, quotas: Collection[TicketQuota]) -> None:
        self.quotas = {quota.id: quota for quota in quotas}
        self.left: dict[UUID, int] = {quota.id: quota.left for quota in quotas}
        self.changes: Counter[UUID] = Counter()

    def give_back(self, line: HoldLine) -> None:
        self._change(line.quota_ids, -line.tickets)

    def take(self, quota_ids: Collection[UUID], tickets: int, *, waitlist: bool = False) -> bool:
        """Plan to take tickets of each quota. Returns whether they have room.

        While those on the waitlist come first, the public sale takes no more than it gives back.
        """
        for id in quota_ids:
            more = self.changes[id] + tickets > 0
            closed = more and self.quotas[id].waitlist_first and not waitlist
            if closed or self.left[id] < tickets:
                return False
        self._change(quota_ids, tickets)
        return True

    def _change(self, quota_ids: Collection[UUID], tickets: int) -> None:
        for id in quota_ids:
            self.changes[id] += tickets
            if id in self.left:
                self.left[id] -= tickets


async def lock_room(unit: UnitOfWork, quota_ids: Collection[UUID]) -> Room:
    """Lock quotas in the order of their ids."""
    if not quota_ids:
        return Room([])
    return Room(await LOCK.fetch(await connection_of(unit), **{KEYS: sorted(quota_ids)}))


async def change_room(unit: UnitOfWork, changes: Mapping[UUID, int]) -> list[UUID]:
    """Change the counters of quotas that are locked. Returns the ids of those that changed.

    What becomes free while users wait is served by a job: whichever way it became free.
    """
    wanted = {id: tickets for id, tickets in changes.items() if tickets}
    if not wanted:
        return []
    ids = sorted(wanted)
    rows = await CHANGE.fetch(
        await connection_of(unit), ids=ids, tickets=[wanted[id] for id in ids]
    )
    if len(rows) != len(ids):
        raise QuotaChanged
    for event_date_id in sorted({row["event_date_id"] for row in rows if row["for_waiting"]}):
        await jobs.defer(unit, "serve_waitlist", event_date_id=event_date_id)
    return ids
