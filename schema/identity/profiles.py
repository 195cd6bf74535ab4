"""The inputs of profiles and addresses."""

from typing import Annotated, Any
from uuid import UUID

import strawberry
from strawberry import UNSET

from engine.ids import id_field
from engine.scalars import TimeZone
from models.identity.profiles import ProfilePatch
from models.validation import parse

NewAddress = Annotated[
    str,
    strawberry.argument(
        description="The new email address, at most 254 characters. Upper and lower case are the"
        " same."
    ),
]


@strawberry.input(
    description="Changes to the viewer's profile. Omitted fields stay unchanged. Null removes the"
    " time zone and the picture; the other fields can't be null."
)
class UpdateProfileInput:
    name: str | None = strawberry.field(
        default=UNSET,
        description="The display name, at most 80 characters on one line. No web address.",
    )
    locale: str | None = strawberry.field(
        default=UNSET,
        description="The language of what is sent to the user: a tag such as en or pt-BR (BCP 47)."
        " If it is not available, English.",
    )
    time_zone: TimeZone | None = strawberry.field(
        default=UNSET, description="The time zone of the user."
    )
    avatar_upload_id: UUID | None = id_field(
        "Upload",
        "The picture of the user: the id of a READY upload of the viewer with the purpose PICTURE."
        " It replaces the former picture, which is deleted.",
        default=UNSET,
    )


def profile_patch(input: UpdateProfileInput) -> ProfilePatch:
    values: dict[str, Any] = vars(input)
    return parse(ProfilePatch, **{name: it for name, it in values.items() if it is not UNSET})
