"""Files that customers attach to bookings, for the members of the vendor."""

from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import for_change
from models.bookings.bookings import Booking
from models.bookings.intake import MAX_BOOKING_FILES, BookingFile, BookingFileLimitReached
from models.errors import InvalidInput, NotFound
from models.uploads import Upload, UploadPurpose
from services import jobs
from services.bookings.announcing import announce
from services.bookings.intake.access import lock_own_intake
from services.uploads.uploads import attach_upload
from services.viewer import Viewer


async def attach_file(
    session: AsyncSession, viewer: Viewer, *, booking_id: UUID, upload_id: UUID
) -> Booking:
    """Attach a document of the customer to a booking. One that is attached already stays.

    Raises `NotFound`, `BookingIntakeClosed`, `BookingFileLimitReached`, and `InvalidInput` for an
    upload that is not a document, not ready, or in use.
    """
    booking = await lock_own_intake(session, viewer, booking_id)
    rows = select(BookingFile).where(BookingFile.booking_id == booking.id)
    known = (await session.exec(rows)).all()
    if any(one.upload_id == upload_id for one in known):
        return booking
    taken = {one.position for one in known}
    free = next((at for at in range(MAX_BOOKING_FILES) if at not in taken), None)
    if free is None:
        raise BookingFileLimitReached(most=MAX_BOOKING_FILES)
    try:
        upload = await attach_upload(session, viewer, upload_id=upload_id)
        if upload.purpose is not UploadPurpose.DOCUMENT:
            raise InvalidInput("This file was not uploaded as a document. Upload it again.")
    except (InvalidInput, NotFound) as refusal:
        refusal.field = ["uploadId"]
        raise
    session.add(BookingFile(booking_id=booking.id, upload_id=upload.id, position=free))
    announce(session, booking)
    return booking


async def detach_file(
    session: AsyncSession, viewer: Viewer, *, booking_id: UUID, upload_id: UUID
) -> Booking:
    """Remove a file from a booking, and delete it. Raises `NotFound` and `BookingIntakeClosed`."""
    booking = await lock_own_intake(session, viewer, booking_id)
    rows = select(BookingFile).where(
        BookingFile.booking_id == booking.id, BookingFile.upload_id == upload_id
    )
    file = (await session.exec(rows)).first()
    if file is None:
        raise NotFound(field=["uploadId"])
    uploads = select(Upload).where(Upload.id == upload_id)
    upload = (await session.exec(for_change(uploads))).one()
    await session.delete(file)
    upload.release()
    await jobs.defer(session, "tidy_upload", upload_id=upload_id)
    announce(session, booking)
    return booking
