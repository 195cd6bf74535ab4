"""Access to pets: their owners, and members of vendors by a booking, a wait or by consent."""

from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import col, false, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.database import exists_in, for_change
from core.keyset import Listing, newest_first
from models.bookings.bookings import UNVISITED, Booking, BookingState
from models.bookings.waits import BookingWait, BookingWaitState
from models.errors import NotFound
from models.identity.accounts import User
from models.members import Permission
from models.pets.pets import Pet
from models.pets.sharing import PetConsent, PetNote
from models.pets.vaccinations import Vaccination
from services.journal.topics import user_topic
from services.vendors.access import works_at
from services.viewer import Viewer

# A booking that came to nothing shows the vendor no pet any more.
SHOWING = frozenset(BookingState) - UNVISITED
# So does a wait that has ended, unless by a booking.
WAITING = (BookingWaitState.WAITING, BookingWaitState.HOLDING)


def visible_pets(viewer: Viewer) -> SelectOfScalar[Pet]:
    """Select the viewer's pets, and those booked for, waiting at or shared with their vendors.

    Members see the records of the latter only: see `seen_records`.
    """
    if viewer.user_id is None:
        return select(Pet).where(false())
    return select(Pet).where(or_(seen_records(viewer), _is_booked_for(viewer), _waits_at(viewer)))


def seen_records(viewer: Viewer) -> ColumnElement[bool]:
    """Match pets whose records the viewer sees: as the owner, or by the owner's consent."""
    shared = exists_in(
        PetConsent,
        col(PetConsent.pet_id) == col(Pet.id),
        works_at(viewer.staff, col(PetConsent.vendor_id), Permission.SEE_BOOKINGS),
    )
    return or_(col(Pet.user_id) == viewer.user_id, shared)


def visible_vaccinations(viewer: Viewer) -> SelectOfScalar[Vaccination]:
    """Select the vaccinations of pets whose records the viewer sees."""
    pets = select(Pet.id).where(seen_records(viewer))
    return select(Vaccination).where(col(Vaccination.pet_id).in_(pets))


def visible_notes(viewer: Viewer) -> SelectOfScalar[PetNote]:
    """Select the notes of the viewer's vendors: also about pets that are not theirs to see now."""
    at_vendor = works_at(viewer.staff, col(PetNote.vendor_id), Permission.SEE_BOOKINGS)
    return select(PetNote).where(at_vendor)


def visible_consents(viewer: Viewer) -> SelectOfScalar[PetConsent]:
    """Select the consents that the viewer gave."""
    pets = select(Pet.id).where(Pet.user_id == viewer.user_id)
    return select(PetConsent).where(col(PetConsent.pet_id).in_(pets))


def list_pets(viewer: Viewer, *, archived: bool) -> Listing[Pet]:
    """List the viewer's own pets, the newest first: those that are archived, or the others."""
    user_id = viewer.require_user()
    is_archived = col(Pet.archived_at).is_not(None)
    rows = select(Pet).where(Pet.user_id == user_id, is_archived if archived else ~is_archived)
    return Listing(rows, newest_first(Pet), topics=[user_topic(user_id)])


async def lock_owner(session: AsyncSession, viewer: Viewer) -> UUID:
    """Lock the viewer, so that requests at once do not exceed a limit, and return their id."""
    user_id = viewer.require_user()
    await session.exec(for_change(select(User.id).where(User.id == user_id)))
    return user_id


async def access_own_pet(
    session: AsyncSession, viewer: Viewer, pet_id: UUID, *, change: bool = False
) -> Pet:
    """Return a pet of the viewer, locked to change it or its records. Raises `NotFound`."""
    rows = select(Pet).where(Pet.id == pet_id, Pet.user_id == viewer.require_user())
    pet = (await session.exec(for_change(rows) if change else rows)).first()
    if pet is None:
        raise NotFound
    return pet


async def ensure_seen_at(session: AsyncSession, *, pet_id: UUID, vendor_id: UUID) -> None:
    """Raise `NotFound` unless a vendor sees a pet: by a booking, a wait, or its owner's consent."""
    booked = exists_in(
        Booking,
        col(Booking.pet_id) == col(Pet.id),
        col(Booking.vendor_id) == vendor_id,
        col(Booking.state).in_(SHOWING),
    )
    shared = exists_in(
        PetConsent, col(PetConsent.pet_id) == col(Pet.id), col(PetConsent.vendor_id) == vendor_id
    )
    waits = exists_in(
        BookingWait,
        col(BookingWait.pet_id) == col(Pet.id),
        col(BookingWait.vendor_id) == vendor_id,
        col(BookingWait.state).in_(WAITING),
    )
    rows = select(Pet.id).where(Pet.id == pet_id, or_(booked, waits, shared))
    if (await session.exec(rows)).first() is None:
        raise NotFound(field=["petId"])


def _is_booked_for(viewer: Viewer) -> ColumnElement[bool]:
    return exists_in(
        Booking,
        col(Booking.pet_id) == col(Pet.id),
        col(Booking.state).in_(SHOWING),
        works_at(viewer.staff, col(Booking.vendor_id), Permission.SEE_BOOKINGS),
    )


def _waits_at(viewer: Viewer) -> ColumnElement[bool]:
    return exists_in(
        BookingWait,
        col(BookingWait.pet_id) == col(Pet.id),
        col(BookingWait.state).in_(WAITING),
        works_at(viewer.staff, col(BookingWait.vendor_id), Permission.SEE_BOOKINGS),
    )
