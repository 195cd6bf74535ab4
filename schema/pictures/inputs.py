"""Inputs of pictures."""

from collections.abc import Sequence
from typing import Any

import strawberry
from pydantic import BaseModel
from strawberry import UNSET, relay

from engine.types import column, decode_id
from models.errors import InvalidInput
from models.pictures import PictureDraft
from models.validation import parse
from schema.texts import Texts, by_locale
from schema.uploads.types import Upload


@strawberry.input(description="A picture. Its place is that in the list.")
class PictureInput:
    upload_id: relay.GlobalID = column(
        "The id of a READY upload of the viewer with the purpose PICTURE, or of a picture that is"
        " there already."
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
            "upload_id": decode_id(picture.upload_id, Upload),
            "alt": by_locale(*path[place], "alt", texts=picture.alt or []),
        }
        for place, picture in enumerate(given)
    ]
    try:
        parsed: list[PictureDraft] = getattr(parse(model, **{name: values}), name)
    except InvalidInput as refusal:
        for one in (refusal, *refusal.further):
            one.field = _input_path(one.field or [], given, several=several)
        raise
    return parsed


def _input_path(path: list[str], given: Sequence[PictureInput], *, several: bool) -> list[str]:
    """Return the path in the input of a path by place and language."""
    name, place, *rest = [*path, ""][: max(2, len(path))]
    start = [name, place] if several and place else [name]
    if rest[:1] == ["alt"] and len(rest) > 1:
        texts = given[int(place)].alt or []
        found = [str(at) for at, text in enumerate(texts) if text.locale.lower() == rest[1].lower()]
        return [*start, "alt", *found[:1], *(["text"] if found else [])]
    return [*start, *rest]
