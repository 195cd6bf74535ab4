"""Questions to attendees, written by members of the vendor, and answers."""

import strawberry

from engine.context import Info
from engine.mutation import mutation
from models.errors import KEYED, InvalidInput, NotFound
from models.events import questions as rows
from models.events.events import Event as EventRow
from models.events.events import InvalidEventState
from models.events.selling.holds import HoldExpired
from models.events.selling.holds import TicketHold as HoldRow
from models.events.tickets import Ticket as TicketRow
from models.events.tickets import TicketCancelled, TicketDateOver
from schema.events.question_inputs import (
    AnswerHoldQuestionsInput,
    AnswerTicketQuestionsInput,
    CreateEventQuestionInput,
    EventNodeId,
    QuestionId,
    QuestionIds,
    UpdateEventQuestionInput,
    answer_drafts,
    question_draft,
)
from schema.events.questions import EventQuestion
from schema.events.selling.holds import TicketHold
from schema.events.tickets import Ticket
from schema.events.types import Event
from schema.questions.inputs import question_patch
from services.events.questions import answering, managing

CHANGING = (NotFound, InvalidEventState)


@strawberry.type
class QuestionMutation:
    @mutation(
        question=EventQuestion,
        raises=(InvalidInput, *CHANGING, rows.QuestionLimitReached, *KEYED),
    )
    async def create_event_question(
        self, info: Info, input: CreateEventQuestionInput
    ) -> rows.EventQuestion:
        """Ask those who buy tickets of an event something. Requires the vendor's MANAGER or OWNER
        role.
        """
        draft = question_draft(input)
        async with info.context.transaction() as session:
            return await managing.create_question(
                session,
                info.context.viewer,
                draft,
                event_id=input.event_id,
                ticket_type_id=input.ticket_type_id,
                idempotency_key=input.idempotency_key,
            )

    @mutation(question=EventQuestion, raises=(InvalidInput, *CHANGING), repeatable="sets values")
    async def update_event_question(
        self, info: Info, input: UpdateEventQuestionInput
    ) -> rows.EventQuestion:
        """Change a question. Answers that are there stay."""
        patch = question_patch(input)
        async with info.context.transaction() as session:
            return await managing.update_question(
                session, info.context.viewer, patch, question_id=input.question_id
            )

    @mutation(question=EventQuestion, raises=CHANGING, repeatable="sets a state")
    async def retire_event_question(
        self, info: Info, question_id: QuestionId
    ) -> rows.EventQuestion:
        """Stop asking a question. Its answers are kept."""
        async with info.context.transaction() as session:
            return await managing.retire_question(
                session, info.context.viewer, question_id=question_id
            )

    @mutation(
        question=EventQuestion,
        raises=(*CHANGING, rows.QuestionLimitReached),
        repeatable="sets a state",
    )
    async def restore_event_question(
        self, info: Info, question_id: QuestionId
    ) -> rows.EventQuestion:
        """Ask a question again that was retired."""
        async with info.context.transaction() as session:
            return await managing.restore_question(
                session, info.context.viewer, question_id=question_id
            )

    @mutation(event=Event, raises=(InvalidInput, *CHANGING), repeatable="sets an order")
    async def order_event_questions(
        self, info: Info, event_id: EventNodeId, question_ids: QuestionIds
    ) -> EventRow:
        """Change the order of an event's questions."""
        async with info.context.transaction() as session:
            return await managing.order_questions(
                session, info.context.viewer, event_id=event_id, question_ids=question_ids
            )

    @mutation(
        hold=TicketHold, raises=(InvalidInput, NotFound, HoldExpired), repeatable="sets values"
    )
    async def answer_hold_questions(self, info: Info, input: AnswerHoldQuestionsInput) -> HoldRow:
        """Answer questions for the tickets of an open hold of the viewer. `placeOrder` refuses a
        hold while a required answer is missing. `changeHold` removes those of tickets that are
        given back, or of another type then.
        """
        answers = answer_drafts(input.answers)
        async with info.context.transaction() as session:
            return await answering.answer_hold(
                session,
                info.context.viewer,
                info.context.app.sealer,
                answers,
                hold_id=input.hold_id,
            )

    @mutation(
        ticket=Ticket,
        raises=(InvalidInput, NotFound, TicketCancelled, TicketDateOver, rows.AnswersClosed),
        repeatable="sets values",
    )
    async def answer_ticket_questions(
        self, info: Info, input: AnswerTicketQuestionsInput
    ) -> TicketRow:
        """Answer questions for a ticket: its holder until `answersUntil` of the date, and the
        vendor's members with the STAFF role or higher until its end. A transfer deletes the
        answers.
        """
        answers = answer_drafts(input.answers)
        async with info.context.transaction() as session:
            return await answering.answer_ticket(
                session,
                info.context.viewer,
                info.context.app.sealer,
                answers,
                ticket_id=input.ticket_id,
            )
