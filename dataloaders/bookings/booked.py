"""Loaders of bookings with their moves and files, and of the meetings of classes."""

from sqlalchemy import select
from sqlmodel import col, or_

from core.statements.selected import AnySelect, Selected, columns_of, select_columns
from core.statements.statement import any_of
from engine.loaders import by_id, column_by_id, grouped, visible
from models.bookings.bookings import Booking
from models.bookings.classes import ClassMeeting
from models.bookings.intake import BookingFile
from models.bookings.moves import BookingMove, BookingResource
from models.bookings.series import BookingSeries
from models.bookings.visits.desk import VisitPayment
from models.bookings.visits.displays import WaitingRoomDisplay
from models.orders.lines import OrderLine
from models.uploads import Upload
from services.bookings.agenda.displays import visible_displays
from services.bookings.desk.payments import visible_visit_payments
from services.bookings.holding.access import visible_bookings, visible_meetings
from services.bookings.intake.access import visible_files
from services.bookings.series.access import visible_series
from services.viewer import Viewer


def _moves(_: object, selected: Selected | None) -> AnySelect:
    columns = columns_of(BookingMove, selected, "booking_id")
    rows = select(*columns).where(any_of(col(BookingMove.booking_id)))
    return rows.order_by(col(BookingMove.booking_id), col(BookingMove.revision))


def _files(viewer: Viewer, selected: Selected | None) -> AnySelect:
    seen = visible_files(viewer).with_only_columns(col(BookingFile.id))
    return (
        select_columns(Upload, BookingFile.booking_id, selected=selected)
        .join(BookingFile, col(BookingFile.upload_id) == Upload.id)
        .where(any_of(col(BookingFile.booking_id)), col(BookingFile.id).in_(seen))
        .order_by(col(BookingFile.position))
    )


def _of_series(viewer: Viewer, selected: Selected | None) -> AnySelect:
    seen = visible_bookings(viewer).with_only_columns(col(Booking.id))
    columns = columns_of(Booking, selected, "series_id")
    rows = select(*columns).where(any_of(col(Booking.series_id)), col(Booking.id).in_(seen))
    return rows.order_by(col(Booking.series_id), col(Booking.number))


def _of_visit(viewer: Viewer, selected: Selected | None) -> AnySelect:
    seen = visible_bookings(viewer).with_only_columns(col(Booking.id))
    columns = columns_of(Booking, selected, "visit_id")
    rows = select(*columns).where(any_of(col(Booking.visit_id)), col(Booking.id).in_(seen))
    return rows.order_by(col(Booking.visit_id), col(Booking.starts_at), col(Booking.id))


def _of_line(viewer: Viewer, selected: Selected | None) -> AnySelect:
    seen = visible_bookings(viewer).with_only_columns(col(Booking.id))
    line_id = col(OrderLine.id)
    pays = or_(col(Booking.order_line_id) == line_id, col(Booking.balance_line_id) == line_id)
    return (
        select(*columns_of(Booking, selected), line_id.label("line_id"))
        .join(OrderLine, pays)
        .where(any_of(line_id), col(Booking.id).in_(seen))
        .order_by(line_id, col(Booking.id))
    )


def _payments(_: object, selected: Selected | None) -> AnySelect:
    columns = columns_of(VisitPayment, selected, "booking_id")
    rows = select(*columns).where(any_of(col(VisitPayment.booking_id)))
    return rows.order_by(
        col(VisitPayment.booking_id), col(VisitPayment.created_at), col(VisitPayment.id)
    )


def _resources(_: object, selected: Selected | None) -> AnySelect:
    columns = columns_of(BookingResource, selected, "booking_id")
    rows = select(*columns).where(any_of(col(BookingResource.booking_id)))
    return rows.order_by(col(BookingResource.booking_id), col(BookingResource.resource_id))


currency_of_booking = column_by_id(Booking.currency, "")
booking_by_id = by_id(Booking)
visible_booking = visible(Booking, visible_bookings)
visible_meeting = visible(ClassMeeting, visible_meetings)
visible_booking_series = visible(BookingSeries, visible_series)
bookings_of_series = grouped(Booking, "series_id", _of_series)
bookings_of_visit = grouped(Booking, "visit_id", _of_visit)
moves_of_booking = grouped(BookingMove, "booking_id", _moves)
files_of_booking = grouped(Upload, "booking_id", _files)
resources_of_booking = grouped(BookingResource, "booking_id", _resources)
payments_of_booking = grouped(VisitPayment, "booking_id", _payments)
visible_visit_payment = visible(VisitPayment, visible_visit_payments)
visible_display = visible(WaitingRoomDisplay, visible_displays)
bookings_of_line = grouped(Booking, "line_id", _of_line)
