"""Private notes of vendors about pets, which their owners do not see."""

from uuid import UUID

from sqlmodel import func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import for_change
from models.errors import NotFound
from models.members import Permission
from models.pets.pets import Pet
from models.pets.sharing import MAX_NOTES, PetNote, PetNoteDraft, PetNoteLimitReached
from services import idempotency
from services.pets.access import ensure_seen_at
from services.vendors.access import access_vendor
from services.viewer import Viewer


async def create_note(
    session: AsyncSession,
    viewer: Viewer,
    draft: PetNoteDraft,
    *,
    pet_id: UUID,
    vendor_id: UUID,
    idempotency_key: str,
) -> PetNote:
    """Add a note about a pet that the vendor sees, once per idempotency key.

    Raises `PetNoteLimitReached`. The pet is locked, so that two requests at once cannot exceed the
    limit.
    """
    claimed = await idempotency.claim(
        session,
        viewer,
        "savePetNote",
        idempotency_key,
        pet_id=pet_id,
        vendor_id=vendor_id,
        draft=draft.model_dump(),
    )
    if claimed.replayed:
        return await _access(session, viewer, claimed.replayed)
    await access_vendor(session, viewer, vendor_id, Permission.EDIT_BOOKINGS)
    await ensure_seen_at(session, pet_id=pet_id, vendor_id=vendor_id)
    await session.exec(for_change(select(Pet.id).where(Pet.id == pet_id)))
    counted = select(func.count()).where(PetNote.pet_id == pet_id, PetNote.vendor_id == vendor_id)
    if (await session.exec(counted)).one() >= MAX_NOTES:
        raise PetNoteLimitReached(most=MAX_NOTES)
    author_id = viewer.require_user()
    note = PetNote(pet_id=pet_id, vendor_id=vendor_id, author_id=author_id, text=draft.text)
    session.add(note)
    await idempotency.record_result(session, claimed, note.id)
    return note


async def update_note(
    session: AsyncSession, viewer: Viewer, draft: PetNoteDraft, *, note_id: UUID
) -> PetNote:
    """Replace the text of a note. The member who changes it is its author then."""
    note = await _access(session, viewer, note_id)
    note.text, note.author_id = draft.text, viewer.require_user()
    return note


async def remove_note(session: AsyncSession, viewer: Viewer, *, note_id: UUID) -> None:
    await session.delete(await _access(session, viewer, note_id))


async def _access(session: AsyncSession, viewer: Viewer, note_id: UUID) -> PetNote:
    """Return a note of a vendor whose bookings the viewer edits, locked. Raises `NotFound`."""
    viewer.require_user()
    rows = select(PetNote).where(PetNote.id == note_id)
    found = (await session.exec(rows)).first()
    if found is None:
        raise NotFound
    await access_vendor(session, viewer, found.vendor_id, Permission.EDIT_BOOKINGS)
    note = (await session.exec(for_change(rows))).first()
    if note is None:
        raise NotFound
    return note
