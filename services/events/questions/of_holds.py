"""Answers of holds: what is missing before they are ordered, and whose ticket each is after."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Integer, Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.statements.statement import KEYS, Statement
from core.statements.units import UnitOfWork, connection_of
from models.events.questions import AttendeeAnswer
from models.events.selling.holds import HoldLine, HoldState, TicketHold
from models.events.tickets import Ticket

KEPT_DAYS = 7  # money that arrives late takes a hold again, with its answers
BATCH_SIZE = 1_000

# Each ticket of a question's type needs an answer, and the order one. `changeHold` deletes those of
# places whose type is another one then, so their number suffices.
MISSING = Statement(
    text(
        """
        SELECT ticket_hold.id
        FROM ticket_hold
        JOIN event_date ON event_date.id = ticket_hold.event_date_id
        JOIN event_question AS question ON question.event_id = event_date.event_id
        JOIN LATERAL (
            SELECT sum(hold_line.quantity * hold_line.admits) AS tickets FROM hold_line
            JOIN ticket_type ON ticket_type.id = hold_line.ticket_type_id
            WHERE hold_line.hold_id = ticket_hold.id
              AND CASE WHEN question.ticket_type_id IS NULL
                THEN ticket_type.kind = 'ADMISSION'
                ELSE ticket_type.id = question.ticket_type_id
              END
        ) AS asked ON asked.tickets > 0
        WHERE ticket_hold.id = ANY(:keys) AND question.active AND question.required
        AND CASE question.scope WHEN 'ORDER' THEN 1 ELSE asked.tickets END > (
            SELECT count(*) FROM attendee_answer AS answer
            WHERE answer.hold_id = ticket_hold.id AND answer.question_id = question.id
        )
        """
    ).bindparams(bindparam(KEYS, type_=ARRAY(Uuid())))
)
DELETE = Statement(
    text(
        """
        DELETE FROM attendee_answer USING event_question
        WHERE event_question.id = attendee_answer.question_id
        AND attendee_answer.hold_id = :hold_id
        AND CASE event_question.scope
            WHEN 'TICKET' THEN place = ANY(:places)
            ELSE event_question.ticket_type_id <> ALL(:types)
        END
        """
    ).bindparams(
        bindparam("hold_id", type_=Uuid()),
        bindparam("types", type_=ARRAY(Uuid())),
        bindparam("places", type_=ARRAY(Integer())),
    )
)
ATTACH = Statement(
    text(
        """
        UPDATE attendee_answer SET ticket_id = (:keys)[place + 1]
        FROM event_question
        WHERE event_question.id = attendee_answer.question_id
        AND event_question.scope = 'TICKET' AND attendee_answer.hold_id = :hold_id
        """
    ).bindparams(bindparam("hold_id", type_=Uuid()), bindparam(KEYS, type_=ARRAY(Uuid())))
)


async def find_unanswered(unit: UnitOfWork, hold_ids: Sequence[UUID]) -> set[UUID]:
    """Return those of the holds that lack an answer to a required question."""
    found = await MISSING.fetch(await connection_of(unit), **{KEYS: sorted(hold_ids)})
    return {row["id"] for row in found}


async def drop_answers(
    unit: UnitOfWork, hold_id: UUID, former: Sequence[HoldLine], lines: Sequence[HoldLine]
) -> None:
    """Delete the answers of a hold for tickets that are gone, or of another type than they were."""
    before, after = _types(former), _types(lines)
    places = [at for at, type_id in enumerate(before) if after[at : at + 1] != [type_id]]
    if places:
        given = {"hold_id": hold_id, "types": sorted(set(after)), "places": places}
        await DELETE.execute(await connection_of(unit), **given)


async def attach_answers(unit: UnitOfWork, hold_id: UUID, tickets: Sequence[Ticket]) -> None:
    """Make the answers of a hold those of its tickets, which are in the order of its lines."""
    ids = [one.id for one in tickets]
    await ATTACH.execute(await connection_of(unit), hold_id=hold_id, **{KEYS: ids})


def _types(lines: Sequence[HoldLine]) -> list[UUID]:
    """Return the type of each ticket of the lines."""
    return [line.ticket_type_id for line in lines for _ in range(line.tickets)]


async def delete_unused(session: AsyncSession) -> int:
    """Delete up to 1,000 answers of holds that ended a week ago without tickets."""
    unused = (
        select(AttendeeAnswer.id)
        .join(TicketHold, col(TicketHold.id) == col(AttendeeAnswer.hold_id))
        .where(
            col(AttendeeAnswer.ticket_id).is_(None),
            col(TicketHold.state).in_([HoldState.RELEASED, HoldState.EXPIRED]),
            col(TicketHold.ended_at) < now() - timedelta(days=KEPT_DAYS),
        )
        .limit(BATCH_SIZE)
    )
    ids = (await session.exec(unused)).all()
    await session.exec(delete(AttendeeAnswer).where(col(AttendeeAnswer.id).in_(ids)))
    return len(ids)
