"""The sharing of a pet's records with a vendor, by the owner's consent."""

from uuid import UUID

from sqlalchemy import delete
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.audit import AuditAct
from models.errors import NotFound
from models.pets.pets import Pet
from models.pets.sharing import MAX_SHARED, PetConsent, PetSharingLimitReached
from models.vendors import Vendor
from services.audit import entries as audit
from services.pets.access import access_own_pet
from services.pets.pets import announce
from services.vendors.access import visible_vendors
from services.viewer import Viewer


async def share_pet(session: AsyncSession, viewer: Viewer, *, pet_id: UUID, vendor_id: UUID) -> Pet:
    """Let the members of a vendor read a pet's records. Raises `PetSharingLimitReached`.

    The pet is locked, so that two requests at once cannot exceed the limit.
    """
    pet = await access_own_pet(session, viewer, pet_id, change=True)
    pet.ensure_active()
    if await _find(session, pet, vendor_id) is not None:
        return pet
    rows = visible_vendors(viewer).where(Vendor.id == vendor_id)
    if (await session.exec(rows)).first() is None:
        raise NotFound(field=["vendorId"])
    counted = select(func.count()).where(PetConsent.pet_id == pet.id)
    if (await session.exec(counted)).one() >= MAX_SHARED:
        raise PetSharingLimitReached(most=MAX_SHARED)
    session.add(PetConsent(pet_id=pet.id, vendor_id=vendor_id))
    audit.append(session, viewer, AuditAct.SHARE_PET, subject_id=pet.id)
    announce(session, pet)
    return pet


async def unshare_pet(
    session: AsyncSession, viewer: Viewer, *, pet_id: UUID, vendor_id: UUID
) -> Pet:
    """End the consent. Members of the vendor see what they see by a booking, at once."""
    pet = await access_own_pet(session, viewer, pet_id, change=True)
    ended = delete(PetConsent).where(
        col(PetConsent.pet_id) == pet.id, col(PetConsent.vendor_id) == vendor_id
    )
    gone = await session.execute(ended.returning(col(PetConsent.id)))
    if gone.first() is not None:
        audit.append(session, viewer, AuditAct.UNSHARE_PET, subject_id=pet.id)
        announce(session, pet)
    return pet


async def _find(session: AsyncSession, pet: Pet, vendor_id: UUID) -> PetConsent | None:
    rows = select(PetConsent).where(PetConsent.pet_id == pet.id, PetConsent.vendor_id == vendor_id)
    return (await session.exec(rows)).first()
