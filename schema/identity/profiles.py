"""The inputs of profiles and addresses."""

from typing import Annotated, Any

import strawberry
from strawberry import UNSET

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
    " time zone; the other fields can't be null."
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


def profile_patch(input: UpdateProfileInput) -> ProfilePatch:
    values: dict[str, Any] = vars(input)
    return parse(ProfilePatch, **{name: it for name, it in values.items() if it is not UNSET})
