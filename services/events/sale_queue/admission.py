"""The way of a user through a queue: joining it, entering the sale, and holding tickets."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import DateTime, Uuid, bindparam, text
from sqlmodel import col, update

from core.clock import now
from core.security.signing_keys import BadSignature, SigningKeys, TokenExpired, WrongType
from core.statements.parameters import current_time
from core.statements.selected import columns_of
from core.statements.statement import Statement
from core.statements.units import UnitOfWork, connection_of
from models.errors import NotFound
from models.events.selling.sale_queue import (
    AdmissionEnded,
    InvalidQueueState,
    QueueEntryState,
    QueueRequired,
    SaleQueue,
    SaleQueueEntry,
    SaleQueueState,
)
from services.events.holds.sale import OpenSale
from services.events.sale_queue.access import ENTRY, RELIED, access_queue
from services.viewer import Viewer

# A user whose turn is over gets a new place at the end.
JOIN = Statement(
    text(
        """
        INSERT INTO sale_queue_entry (queue_id, user_id, state, joined_at)
        VALUES (:queue_id, :user_id, 'WAITING', :moment)
        ON CONFLICT (queue_id, user_id) DO UPDATE
        SET state = 'WAITING', joined_at = excluded.joined_at, number = NULL, admitted_at = NULL,
            seen_at = NULL
        WHERE sale_queue_entry.state IN ('DONE', 'LAPSED')
            OR sale_queue_entry.admitted_at <= :over
        """
    ).bindparams(
        bindparam("queue_id", type_=Uuid()),
        bindparam("user_id", type_=Uuid()),
        bindparam("moment", type_=DateTime(timezone=True)),
        bindparam("over", type_=DateTime(timezone=True)),
    )
)
_THIS = (
    col(SaleQueueEntry.queue_id) == bindparam("of_queue"),
    col(SaleQueueEntry.user_id) == bindparam("of_user"),
)
ADMIT = Statement(
    update(SaleQueueEntry)
    .where(*_THIS)
    .values(
        state=QueueEntryState.ADMITTED,
        admitted_at=bindparam("moment", type_=DateTime(timezone=True)),
        seen_at=bindparam("moment", type_=DateTime(timezone=True)),
    )
    .returning(*columns_of(SaleQueueEntry)),
    SaleQueueEntry,
)
SEE = Statement(
    update(SaleQueueEntry)
    .where(*_THIS, col(SaleQueueEntry.state) == QueueEntryState.ADMITTED)
    .values(seen_at=current_time())
    .returning(col(SaleQueueEntry.user_id))
)


@dataclass(frozen=True)
class PlaceInQueue:
    """A user's entry in a queue, as the queue is now."""

    entry: SaleQueueEntry
    queue: SaleQueue


@dataclass(frozen=True)
class EventAdmission:
    """The proof that a user may hold tickets, until a time."""

    token: str
    expires_at: datetime
    place: PlaceInQueue


async def join_sale_queue(unit: UnitOfWork, viewer: Viewer, event_id: UUID) -> PlaceInQueue:
    """Put the viewer into the queue of an event, once. Raises `NotFound` and `InvalidQueueState`.

    Before the draw the queue is locked shared, so that the draw waits for all who join in time.
    """
    user_id, moment = viewer.require_user(), now()
    connection = await connection_of(unit)
    queue = await access_queue(unit, event_id)
    if moment < queue.opens_at:
        queue = await RELIED.fetch_one(connection, event_id=event_id) or queue
    if not queue.is_joinable(moment):
        raise InvalidQueueState
    over = moment - timedelta(minutes=queue.admission_minutes)
    await JOIN.execute(connection, queue_id=queue.id, user_id=user_id, moment=moment, over=over)
    (entry,) = await ENTRY.fetch(connection, queue_id=queue.id, user_id=user_id)
    return PlaceInQueue(entry, queue)


async def enter_sale(
    unit: UnitOfWork, viewer: Viewer, keys: SigningKeys, event_id: UUID
) -> EventAdmission:
    """Admit the viewer, whose turn it is. A second call does not lengthen it.

    Raises `NotFound`, `InvalidQueueState`, `NotYourTurn` and `AdmissionEnded`.
    """
    user_id, moment = viewer.require_user(), now()
    connection = await connection_of(unit)
    queue = await access_queue(unit, event_id)
    if queue.state is SaleQueueState.ENDED:
        raise InvalidQueueState
    entry = await ENTRY.fetch_one(connection, queue_id=queue.id, user_id=user_id)
    if entry is None:
        raise NotFound
    entry.ensure_turn(queue, moment)
    if entry.state is QueueEntryState.WAITING:
        (entry,) = await ADMIT.fetch(connection, of_queue=queue.id, of_user=user_id, moment=moment)
    expires_at = entry.turn_ends_at(queue)
    token = keys.sign_admission(user_id, event_id, int(expires_at.timestamp()))
    return EventAdmission(token, expires_at, PlaceInQueue(entry, queue))


async def ensure_admitted(
    unit: UnitOfWork, keys: SigningKeys, sale: OpenSale, user_id: UUID, token: str | None
) -> None:
    """Ensure that a user may hold tickets, while the event has a queue.

    Raises `QueueRequired` without an admission, and `AdmissionEnded` for another's or an old one.
    """
    if sale.queue_id is None:
        return
    if token is None:
        raise QueueRequired
    try:
        admitted = keys.read_admission(token)
    except (BadSignature, WrongType, TokenExpired) as error:
        raise AdmissionEnded(field=["admission"]) from error
    seen = await SEE.fetch(await connection_of(unit), of_queue=sale.queue_id, of_user=user_id)
    if admitted != (user_id, sale.event.id) or not seen:
        raise AdmissionEnded(field=["admission"])
