"""Inputs of pictures."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import strawberry
from pydantic import BaseModel
from strawberry import UNSET

from engine.ids import id_field
from models.errors import InvalidInput
from models.pictures import PictureDraft
from schema.texts import TextLists, Texts, by_locale, parse_texts


@strawberry.input(description="A picture. Its place is that in the list.")
class PictureInput:
    upload_id: UUID = id_field(
        "Upload",
        "The id of a READY upload of the viewer with the purpose PICTURE, or of a picture that is"
        " there already.",
    )
    alt: Texts | None = strawberry.field(
        default=UNSET,
        description="The text for readers who cannot see it, in each language, at most 200"
        " characters. Defaults to none.",
    )


def picture_drafts(
    model: type[BaseModel], name: str, given: Sequence[PictureInput], *, several: bool = True
) -> list[PictureDraft]:
    """Return the pictures of an input's field; `model` has a field of this name for its limit."""
    path = [[name, str(place)] if several else [name] for place in range(len(given))]
    values: list[dict[str, Any]] = [
        {
            "upload_id": picture.upload_id,
            "alt": by_locale(*path[place], "alt", texts=picture.alt or []),
        }
        for place, picture in enumerate(given)
    ]
    lists: TextLists = {
        (name, str(place), "alt"): picture.alt or None for place, picture in enumerate(given)
    }
    try:
        parsed: list[PictureDraft] = getattr(parse_texts(model, lists, **{name: values}), name)
    except InvalidInput as refusal:
        for one in (refusal, *refusal.further):
            if one.field and not several:
                del one.field[1:2]  # the place in the list
        raise
    return parsed
