"""Loaders of pets and their records."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from core.statements.selected import AnySelect, Selected, columns_of
from core.statements.statement import any_of
from dataloaders.pictures import photos_of_pet
from engine.loaders import Loader, by_id, children, grouped, visible
from engine.reads.source import ReadSource
from engine.reads.statements import ViewerStatement
from models.pets.pets import Pet
from models.pets.sharing import PetConsent, PetNote
from models.pets.vaccinations import Vaccination
from models.pictures import ShownPicture
from services.pets.access import (
    seen_records,
    visible_consents,
    visible_notes,
    visible_pets,
    visible_vaccinations,
)
from services.viewer import Viewer


def _with_records(viewer: Viewer, _: Selected | None) -> AnySelect:
    return select(col(Pet.id)).where(any_of(col(Pet.id)), seen_records(viewer))


def _vaccinations(viewer: Viewer, selected: Selected | None) -> AnySelect:
    columns = columns_of(Vaccination, selected, "pet_id")
    rows = visible_vaccinations(viewer).with_only_columns(*columns, maintain_column_froms=True)
    order = col(Vaccination.due_on).desc().nulls_last(), col(Vaccination.id).desc()
    return rows.where(any_of(col(Vaccination.pet_id))).order_by(*order)


def _consents(viewer: Viewer, selected: Selected | None) -> AnySelect:
    columns = columns_of(PetConsent, selected, "pet_id")
    rows = visible_consents(viewer).with_only_columns(*columns, maintain_column_froms=True)
    order = col(PetConsent.created_at), col(PetConsent.id)
    return rows.where(any_of(col(PetConsent.pet_id))).order_by(*order)


_RECORDS = ViewerStatement(_with_records, Pet)


async def _load_seen(source: ReadSource, ids: Sequence[UUID]) -> Mapping[UUID, bool]:
    return {row.id: True for row in await source.fetch(_RECORDS.of(source.viewer, None), keys=ids)}


async def _load_photos(source: ReadSource, ids: Sequence[UUID]) -> Mapping[UUID, ShownPicture]:
    found = await photos_of_pet.load(source, [*await _load_seen(source, ids)])
    return {id: pictures[0] for id, pictures in found.items()}


pet_by_id = by_id(Pet)
visible_pet = visible(Pet, visible_pets)
visible_vaccination = visible(Vaccination, visible_vaccinations)
visible_note = visible(PetNote, visible_notes)
sees_records: Loader[UUID, bool] = Loader(_load_seen, missing=False)
photo_of_pet: Loader[UUID, ShownPicture | None] = Loader(_load_photos, None)
vaccinations_of_pet = grouped(Vaccination, "pet_id", _vaccinations)
consents_of_pet = grouped(PetConsent, "pet_id", _consents)
notes_of_pet = children(PetNote, "pet_id", visible_notes)
