"""Ids of arguments and inputs reach resolvers as the ids of rows."""

from typing import Annotated, cast
from uuid import UUID, uuid4

import pytest
import strawberry
from strawberry import UNSET
from strawberry.relay import GlobalID

from core.errors import BadInput, InvalidId
from engine.ids import decode_input, decoding, id_field, id_of, ids_of, optional_id_of


@strawberry.input
class PartInput:
    pet_id: UUID = id_field("Pet", "The pet's id.")


@strawberry.input
class WholeInput:
    text: str
    parts: list[PartInput]
    owner_id: UUID | None = id_field("User", "The owner's id.", default=UNSET)


def pet(row_id: UUID, of: str = "Pet") -> GlobalID:
    return GlobalID(of, str(row_id))


def parts(*ids: GlobalID) -> list[PartInput]:
    return [PartInput(pet_id=cast("UUID", id)) for id in ids]  # as Strawberry makes them


async def test_arguments_are_decoded() -> None:
    async def resolve(
        one: Annotated[UUID, id_of("Pet")],
        several: Annotated[list[UUID], ids_of("Pet", "…")],
        other: Annotated[UUID | None, optional_id_of("Pet", "…")] = None,
        where: Annotated[WholeInput | None, strawberry.argument(description="…")] = None,
    ) -> object:
        return one, several, other, where and where.parts[0].pet_id

    row = uuid4()
    where = WholeInput(text="", parts=parts(pet(row)))
    found = await decoding(resolve)(one=pet(row), several=[pet(row)], where=where)
    assert found == (row, [row], None, row)


def test_ids_of_nested_inputs_are_decoded() -> None:
    first, second = uuid4(), uuid4()
    decoded = decode_input(WholeInput(text="x", parts=parts(pet(first), pet(second))))
    assert [one.pet_id for one in decoded.parts] == [first, second]
    assert decoded.owner_id is UNSET


def test_an_id_of_another_type_is_refused_wherever_it_is() -> None:
    def resolve(where: WholeInput) -> object:
        return where

    where = WholeInput(text="", parts=parts(pet(uuid4(), "Offer")))
    with pytest.raises(BadInput, match=r"of type Pet, but got one of type Offer\."):
        decoding(resolve)(where=where)
    with pytest.raises(InvalidId):
        decoding(resolve)(where=WholeInput(text="", parts=parts(GlobalID("Pet", "12"))))
