"""Access to the questions of services, and to what customers send along with bookings."""

from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import and_, col, false, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.clock import now
from core.database import exists_in, for_change
from models.bookings.bookings import PRESENTED, Booking, BookingSource
from models.bookings.intake import BookingAnswer, BookingFile, ServiceQuestion, ensure_open
from models.bookings.setting_up.services import Service
from models.errors import NotFound
from models.members import Permission
from models.uploads import Upload
from services.bookings.access import access_managed_service, managed_services, shown_services
from services.bookings.holding.access import access_booking, access_own_booking, lock_booking
from services.vendors.access import works_at
from services.viewer import Viewer


def visible_questions(viewer: Viewer) -> SelectOfScalar[ServiceQuestion]:
    """Select the questions that shown services ask, and all of the viewer's vendors'."""
    service_id = col(ServiceQuestion.service_id)
    shown = shown_services().with_only_columns(col(Service.id))
    asked = and_(col(ServiceQuestion.active), service_id.in_(shown))
    if viewer.user_id is None:
        return select(ServiceQuestion).where(asked)
    managed = managed_services(viewer).with_only_columns(col(Service.id))
    return select(ServiceQuestion).where(or_(asked, service_id.in_(managed)))


def visible_files(viewer: Viewer) -> SelectOfScalar[BookingFile]:
    """Select the files of the viewer's bookings, and of those of the viewer's vendors.

    Admins see bookings, and not their files. Anonymous callers see none.
    """
    if viewer.user_id is None:
        return select(BookingFile).where(false())
    bookings = select(Booking.id).where(
        or_(col(Booking.user_id) == viewer.user_id, _at_vendor(viewer))
    )
    return select(BookingFile).where(col(BookingFile.booking_id).in_(bookings))


def visible_answers(viewer: Viewer) -> SelectOfScalar[BookingAnswer]:
    """Select the answers of the viewer's bookings, and of those of the viewer's vendors.

    Admins see all but those of holds. Anonymous callers see none.
    """
    if viewer.user_id is None:
        return select(BookingAnswer).where(false())
    at_vendor = is_presented() if viewer.admin else _at_vendor(viewer)
    bookings = select(Booking.id).where(or_(col(Booking.user_id) == viewer.user_id, at_vendor))
    return select(BookingAnswer).where(col(BookingAnswer.booking_id).in_(bookings))


def is_attached_for(viewer: Viewer) -> ColumnElement[bool]:
    """Match uploads that are attached to bookings of the viewer's vendors."""
    booked = exists_in(Booking, col(Booking.id) == BookingFile.booking_id, _at_vendor(viewer))
    return exists_in(BookingFile, col(BookingFile.upload_id) == Upload.id, booked)


def is_presented() -> ColumnElement[bool]:
    """Match bookings that are, or were, more than a hold, as `Booking.is_presented`."""
    return or_(
        col(Booking.state).in_(sorted(PRESENTED)),
        col(Booking.source) == BookingSource.DESK,
        col(Booking.approved_at).is_not(None),
        col(Booking.confirmed_at).is_not(None),
    )


def _at_vendor(viewer: Viewer) -> ColumnElement[bool]:
    """Match the bookings of the viewer's vendors that are more than holds."""
    here = works_at(viewer.staff, col(Booking.vendor_id), Permission.SEE_BOOKINGS)
    return and_(here, is_presented())


async def access_managed_question(
    session: AsyncSession, viewer: Viewer, question_id: UUID
) -> tuple[Service, ServiceQuestion]:
    """Return a question that the viewer manages, and its service. Both are locked."""
    viewer.require_user()
    rows = select(ServiceQuestion.service_id).where(ServiceQuestion.id == question_id)
    service_id = (await session.exec(rows)).first()
    if service_id is None:
        raise NotFound
    _, service = await access_managed_service(session, viewer, service_id)
    questions = select(ServiceQuestion).where(ServiceQuestion.id == question_id)
    return service, (await session.exec(for_change(questions))).one()


async def lock_own_intake(session: AsyncSession, viewer: Viewer, booking_id: UUID) -> Booking:
    """Return a booking of the viewer, locked. Raises `NotFound` and `BookingIntakeClosed`."""
    booking = await access_own_booking(session, viewer, booking_id)
    ensure_open(booking, now())
    return booking


async def lock_intake(session: AsyncSession, viewer: Viewer, booking_id: UUID) -> Booking:
    """Return a booking of the viewer, or of a vendor whose bookings the viewer edits, locked.

    Raises `NotFound` and `BookingIntakeClosed`.
    """
    await access_booking(session, viewer, booking_id)
    booking = await lock_booking(session, booking_id)
    ensure_open(booking, now())
    return booking
