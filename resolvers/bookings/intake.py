"""Questions of services, and what customers send along with bookings."""

import strawberry

from engine.context import Info
from engine.mutation import mutation
from models.bookings import intake as rows
from models.bookings.bookings import Booking as BookingRow
from models.bookings.setting_up.services import Service as ServiceRow
from models.errors import KEYED, InvalidInput, NotFound
from models.questions import QuestionDraft
from models.validation import parse
from schema.bookings.bookings import Booking, BookingId
from schema.bookings.intake import ServiceQuestion
from schema.bookings.intake_inputs import (
    AnswerBookingQuestionsInput,
    AttachedId,
    CreateServiceQuestionInput,
    DocumentId,
    Note,
    QuestionId,
    QuestionIds,
    UpdateServiceQuestionInput,
    answer_drafts,
)
from schema.bookings.setting_up.services import Service, ServiceId
from schema.questions.inputs import parse_question, question_patch
from services.bookings.intake import answering, files, managing, notes

CLOSED = (NotFound, rows.BookingIntakeClosed)


@strawberry.type
class IntakeMutation:
    @mutation(
        question=ServiceQuestion,
        raises=(InvalidInput, NotFound, rows.ServiceQuestionLimitReached, *KEYED),
    )
    async def create_service_question(
        self, info: Info, input: CreateServiceQuestionInput
    ) -> rows.ServiceQuestion:
        """Ask those who book a service something. Requires the vendor's MANAGER or OWNER role."""
        draft = parse_question(QuestionDraft, input)
        async with info.context.transaction() as session:
            return await managing.create_question(
                session,
                info.context.viewer,
                draft,
                service_id=input.service_id,
                idempotency_key=input.idempotency_key,
            )

    @mutation(question=ServiceQuestion, raises=(InvalidInput, NotFound), repeatable="sets values")
    async def update_service_question(
        self, info: Info, input: UpdateServiceQuestionInput
    ) -> rows.ServiceQuestion:
        """Change a question of a service. Answers that are there stay."""
        patch = question_patch(input)
        async with info.context.transaction() as session:
            return await managing.update_question(
                session, info.context.viewer, patch, question_id=input.question_id
            )

    @mutation(question=ServiceQuestion, raises=(NotFound,), repeatable="sets a state")
    async def retire_service_question(
        self, info: Info, question_id: QuestionId
    ) -> rows.ServiceQuestion:
        """Stop asking a question of a service. Its answers are kept."""
        async with info.context.transaction() as session:
            return await managing.retire_question(
                session, info.context.viewer, question_id=question_id
            )

    @mutation(
        question=ServiceQuestion,
        raises=(NotFound, rows.ServiceQuestionLimitReached),
        repeatable="sets a state",
    )
    async def restore_service_question(
        self, info: Info, question_id: QuestionId
    ) -> rows.ServiceQuestion:
        """Ask a question of a service again that was retired."""
        async with info.context.transaction() as session:
            return await managing.restore_question(
                session, info.context.viewer, question_id=question_id
            )

    @mutation(service=Service, raises=(InvalidInput, NotFound), repeatable="sets an order")
    async def order_service_questions(
        self, info: Info, service_id: ServiceId, question_ids: QuestionIds
    ) -> ServiceRow:
        """Change the order of a service's questions."""
        async with info.context.transaction() as session:
            return await managing.order_questions(
                session, info.context.viewer, service_id=service_id, question_ids=question_ids
            )

    @mutation(booking=Booking, raises=(InvalidInput, *CLOSED), repeatable="sets values")
    async def answer_booking_questions(
        self, info: Info, input: AnswerBookingQuestionsInput
    ) -> BookingRow:
        """Answer questions for a booking, until its end. `confirmBooking` refuses one while a
        required answer is missing. For its customer, and the vendor's members with the STAFF role
        or higher.
        """
        answers = answer_drafts(input.answers)
        async with info.context.transaction() as session:
            return await answering.answer_booking(
                session,
                info.context.viewer,
                info.context.app.sealer,
                answers,
                booking_id=input.booking_id,
            )

    @mutation(booking=Booking, raises=(InvalidInput, *CLOSED), repeatable="sets a text")
    async def set_booking_note(
        self, info: Info, booking_id: BookingId, note: Note = None
    ) -> BookingRow:
        """Set or remove the note of a booking of the viewer, until its end."""
        draft = parse(rows.BookingNoteDraft, note=note)
        async with info.context.transaction() as session:
            return await notes.set_note(session, info.context.viewer, draft, booking_id=booking_id)

    @mutation(
        booking=Booking,
        raises=(InvalidInput, rows.BookingFileLimitReached, *CLOSED),
        repeatable="keeps a file that is attached",
    )
    async def attach_booking_file(
        self, info: Info, booking_id: BookingId, upload_id: DocumentId
    ) -> BookingRow:
        """Attach a file to a booking of the viewer, until its end: at most 10. The vendor's members
        with the STAFF role or higher can read it.
        """
        async with info.context.transaction() as session:
            return await files.attach_file(
                session, info.context.viewer, booking_id=booking_id, upload_id=upload_id
            )

    @mutation(booking=Booking, raises=CLOSED, repeatable="refuses a removed file")
    async def detach_booking_file(
        self, info: Info, booking_id: BookingId, upload_id: AttachedId
    ) -> BookingRow:
        """Remove a file from a booking of the viewer, and delete it, until the booking's end."""
        async with info.context.transaction() as session:
            return await files.detach_file(
                session, info.context.viewer, booking_id=booking_id, upload_id=upload_id
            )
