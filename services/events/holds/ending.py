"""The end of holds: what they took is given back, by whichever way they end."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import DateTime, bindparam
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_change
from core.statements.parameters import current_time
from core.statements.selected import columns_of
from core.statements.statement import KEYS, Statement, any_of
from core.statements.units import UnitOfWork, connection_of
from models.events.changes import EventChangeKind
from models.events.selling.holds import HoldState, TicketHold
from services.events.announcing import record_change
from services.events.entries import HoldChanged
from services.events.holds.access import LINES
from services.events.holds.buyers import count_tickets
from services.events.holds.room import change_room, lock_room
from services.events.resale.holding import free_listed
from services.events.seats.places import free_seats_of_holds
from services.events.waitlist.entries import return_entries
from services.events.waitlist.first import close_public_sale
from services.journal import append as journal
from services.journal.topics import user_topic
from services.transaction import OpenTransaction, one_by_one

BATCH_SIZE = 100
_EXPIRED = (
    col(TicketHold.state) == HoldState.OPEN,
    col(TicketHold.expires_at) <= current_time(),
)
# Holds that others lock are being changed, released or ordered: they are skipped.
EXPIRED_OF_DATE = Statement(
    for_change(
        select(*columns_of(TicketHold))
        .where(*_EXPIRED, col(TicketHold.event_date_id) == bindparam("event_date_id"))
        .order_by(col(TicketHold.id))
        .limit(BATCH_SIZE),
        skip_locked=True,
    ),
    TicketHold,
)
EXPIRED = Statement(
    for_change(
        select(*columns_of(TicketHold))
        .where(*_EXPIRED, any_of(col(TicketHold.id)))
        .order_by(col(TicketHold.id))
    ),
    TicketHold,
)
OPEN = Statement(
    for_change(
        select(*columns_of(TicketHold)).where(
            any_of(col(TicketHold.id)), col(TicketHold.state) == HoldState.OPEN
        )
    ),
    TicketHold,
)
OVERDUE = Statement(
    select(col(TicketHold.id))
    .where(
        col(TicketHold.state) == HoldState.OPEN,
        col(TicketHold.expires_at) <= bindparam("before", type_=DateTime(timezone=True)),
    )
    .order_by(col(TicketHold.expires_at))
    .limit(BATCH_SIZE)
)
END = Statement(
    update(TicketHold)
    .where(any_of(col(TicketHold.id)))
    .values(state=bindparam("ended_as"), ended_at=current_time())
)


async def end_expired(unit: UnitOfWork, event_date_id: UUID) -> int:
    """End up to 100 holds of a date that have expired. Returns how many.

    Called with the quotas locked: it waits for no hold. One whose quotas are others can deadlock,
    which is retried.
    """
    holds = await EXPIRED_OF_DATE.fetch(await connection_of(unit), event_date_id=event_date_id)
    await end_holds(unit, holds, HoldState.EXPIRED)
    return len(holds)


async def expire_holds(unit: UnitOfWork, hold_ids: Sequence[UUID]) -> int:
    """End those of the holds that have expired by now. Returns how many."""
    holds = await EXPIRED.fetch(await connection_of(unit), **{KEYS: hold_ids})
    await end_holds(unit, holds, HoldState.EXPIRED)
    return len(holds)


async def expire_hold(session: AsyncSession, hold_id: UUID) -> bool:
    """End a hold if it has expired by now. Returns whether it had."""
    return await expire_holds(session, [hold_id]) > 0


async def expire_overdue(transaction: OpenTransaction) -> bool:
    """End up to 100 holds whose own job is late or was lost. Returns whether there may be more.

    Each has a transaction of its own, and one that cannot end does not keep the others.
    """
    async with transaction() as session:
        ids = await find_overdue(session)
    ended = await one_by_one(transaction, ids, expire_hold)
    return len(ids) == BATCH_SIZE and ended


async def end_lost_hold(unit: UnitOfWork, hold_id: UUID) -> None:
    """End an open hold whose listed ticket was cancelled. Its entry of the waitlist waits again."""
    holds = await OPEN.fetch(await connection_of(unit), **{KEYS: [hold_id]})
    await end_holds(unit, holds, HoldState.EXPIRED, unanswered=False)


async def find_overdue(unit: UnitOfWork) -> list[UUID]:
    """Return holds whose own job is late or was lost."""
    before = now() - timedelta(seconds=2)
    rows = await OVERDUE.fetch(await connection_of(unit), before=before)
    return [row["id"] for row in rows]


async def end_holds(
    unit: UnitOfWork, holds: Sequence[TicketHold], state: HoldState, *, unanswered: bool = True
) -> None:
    """End holds that are locked, and give back what they took of quotas and of limits.

    An entry of the waitlist whose hold expires counts that as `unanswered`, unless its user is not
    the reason.

    Locks are taken in the order of holds, waitlist entries, quotas, rows of seats, buyers, each by
    id. A quota or a row of seats that an entry waits for again is closed to the public sale before
    its tickets are free.
    """
    if not holds:
        return
    connection = await connection_of(unit)
    by_id = {hold.id: hold for hold in holds}
    taken: Counter[UUID] = Counter()
    counted: Counter[tuple[UUID, UUID]] = Counter()
    quotas: defaultdict[UUID, set[UUID]] = defaultdict(set)
    of_hold: defaultdict[UUID, set[UUID]] = defaultdict(set)
    resold: set[UUID] = set()
    for line in await LINES.fetch(connection, **{KEYS: sorted(by_id)}):
        hold, tickets = by_id[line["hold_id"]], line["quantity"] * line["admits"]
        quotas[hold.event_date_id].update(line["quota_ids"])
        of_hold[hold.id].update(line["quota_ids"])
        for quota_id in line["quota_ids"]:
            taken[quota_id] -= tickets
        if line["counts"]:
            counted[hold.event_date_id, hold.user_id] -= tickets
        if line["resale_id"] is not None:
            resold.add(hold.id)
    declined = state is HoldState.RELEASED
    waiting = await return_entries(
        unit, holds, declined=declined, unanswered=unanswered and not declined
    )
    await lock_room(unit, taken)
    await close_public_sale(unit, {id for hold_id in waiting for id in of_hold[hold_id]})
    await change_room(unit, taken)
    await free_seats_of_holds(unit, by_id, waited=waiting)
    for (event_date_id, user_id), tickets in sorted(counted.items()):
        await count_tickets(unit, event_date_id, user_id, tickets, most=0)
    await END.execute(connection, ended_as=state, **{KEYS: sorted(by_id)})
    if resold:
        await free_listed(unit, resold)
    for hold in holds:
        journal.append(unit, HoldChanged(hold.id), to=[user_topic(hold.user_id)])
    for event_date_id, ids in sorted(quotas.items()):
        await record_change(unit, event_date_id, EventChangeKind.QUOTAS, sorted(ids))
