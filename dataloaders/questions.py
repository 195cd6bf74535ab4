"""Loaders of questions to attendees and customers, and of their answers."""

from sqlalchemy import select
from sqlmodel import col

from core.statements.selected import AnySelect, Selected, columns_of
from core.statements.statement import any_of
from engine.loaders import by_id, grouped, visible
from models.bookings.bookings import Booking
from models.bookings.intake import BookingAnswer, ServiceQuestion
from models.events.dates import EventDate
from models.events.questions import AttendeeAnswer, EventQuestion, QuestionScope
from models.events.selling.holds import HoldLine, TicketHold
from models.events.ticket_types import TicketType
from models.events.tickets import Ticket
from services.bookings.intake import access as intake
from services.events.questions.access import asked_of_type, visible_questions
from services.viewer import Viewer

ORDER = col(EventQuestion.position), col(EventQuestion.id)
SERVICE_ORDER = col(ServiceQuestion.position), col(ServiceQuestion.id)


def _of_event(viewer: Viewer, selected: Selected | None) -> AnySelect:
    seen = visible_questions(viewer).with_only_columns(col(EventQuestion.id))
    columns = columns_of(EventQuestion, selected, "event_id")
    ours = any_of(col(EventQuestion.event_id)), col(EventQuestion.id).in_(seen)
    return select(*columns).where(*ours).order_by(*ORDER)


def _of_hold(_: object, selected: Selected | None) -> AnySelect:
    """Select the questions that are asked for the ticket types of holds that the viewer sees."""
    asked = (
        select(col(HoldLine.id))
        .join(TicketType, col(TicketType.id) == col(HoldLine.ticket_type_id))
        .where(col(HoldLine.hold_id) == TicketHold.id, asked_of_type())
        .correlate(TicketHold, EventQuestion)
    )
    columns = *columns_of(EventQuestion, selected), col(TicketHold.id).label("of_hold")
    return (
        select(*columns)
        .join(EventDate, col(EventDate.event_id) == col(EventQuestion.event_id))
        .join(TicketHold, col(TicketHold.event_date_id) == col(EventDate.id))
        .where(any_of(col(TicketHold.id)), col(EventQuestion.active), asked.exists())
        .order_by(*ORDER)
    )


def _of_ticket(_: object, selected: Selected | None) -> AnySelect:
    """Select the questions that are asked for each ticket, of tickets that the viewer sees."""
    columns = *columns_of(EventQuestion, selected), col(Ticket.id).label("of_ticket")
    return (
        select(*columns)
        .join(EventDate, col(EventDate.event_id) == col(EventQuestion.event_id))
        .join(Ticket, col(Ticket.event_date_id) == col(EventDate.id))
        .join(TicketType, col(TicketType.id) == col(Ticket.ticket_type_id))
        .where(any_of(col(Ticket.id)), col(EventQuestion.active), asked_of_type())
        .where(col(EventQuestion.scope) == QuestionScope.TICKET)
        .order_by(*ORDER)
    )


def _answers_of_hold(_: object, selected: Selected | None) -> AnySelect:
    columns = columns_of(AttendeeAnswer, selected, "hold_id")
    order = col(AttendeeAnswer.place), col(AttendeeAnswer.id)
    return select(*columns).where(any_of(col(AttendeeAnswer.hold_id))).order_by(*order)


def _answers_of_ticket(_: object, selected: Selected | None) -> AnySelect:
    columns = columns_of(AttendeeAnswer, selected, "ticket_id")
    order = col(AttendeeAnswer.id)
    return select(*columns).where(any_of(col(AttendeeAnswer.ticket_id))).order_by(order)


def _of_service(viewer: Viewer, selected: Selected | None) -> AnySelect:
    seen = intake.visible_questions(viewer).with_only_columns(col(ServiceQuestion.id))
    columns = columns_of(ServiceQuestion, selected, "service_id")
    ours = any_of(col(ServiceQuestion.service_id)), col(ServiceQuestion.id).in_(seen)
    return select(*columns).where(*ours).order_by(*SERVICE_ORDER)


def _of_booking(_: object, selected: Selected | None) -> AnySelect:
    """Select the questions that are asked for bookings that the viewer sees."""
    columns = *columns_of(ServiceQuestion, selected), col(Booking.id).label("of_booking")
    return (
        select(*columns)
        .join(Booking, col(Booking.service_id) == col(ServiceQuestion.service_id))
        .where(any_of(col(Booking.id)), col(ServiceQuestion.active))
        .order_by(*SERVICE_ORDER)
    )


def _answers_of_booking(viewer: Viewer, selected: Selected | None) -> AnySelect:
    seen = intake.visible_answers(viewer).with_only_columns(col(BookingAnswer.id))
    columns = columns_of(BookingAnswer, selected, "booking_id")
    ours = any_of(col(BookingAnswer.booking_id)), col(BookingAnswer.id).in_(seen)
    return select(*columns).where(*ours).order_by(col(BookingAnswer.id))


question_by_id = by_id(EventQuestion)
visible_question = visible(EventQuestion, visible_questions)
questions_of_event = grouped(EventQuestion, "event_id", _of_event)
questions_of_hold = grouped(EventQuestion, "of_hold", _of_hold)
questions_of_ticket = grouped(EventQuestion, "of_ticket", _of_ticket)
answers_of_hold = grouped(AttendeeAnswer, "hold_id", _answers_of_hold)
answers_of_ticket = grouped(AttendeeAnswer, "ticket_id", _answers_of_ticket)
service_question_by_id = by_id(ServiceQuestion)
visible_service_question = visible(ServiceQuestion, intake.visible_questions)
questions_of_service = grouped(ServiceQuestion, "service_id", _of_service)
questions_of_booking = grouped(ServiceQuestion, "of_booking", _of_booking)
answers_of_booking = grouped(BookingAnswer, "booking_id", _answers_of_booking)
