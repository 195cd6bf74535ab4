"""Arguments of queries and mutations for admins."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from core.countries.phone_numbers import normalize_phone
from core.text.email_addresses import normalize_email
from engine.errors.conversion import Payload
from engine.ids import id_of, optional_id_of
from models.admins.impersonations import MAX_IMPERSONATION_MINUTES, MAX_IMPERSONATION_REASON
from models.admins.suspensions import MAX_SUSPENSION_DAYS, MAX_SUSPENSION_REASON
from schema.admins.enums import AdminChangeState
from schema.admins.types import Impersonation
from schema.identity.enums import Role, UserState
from services.admins.queries import UserFilter

UserId = Annotated[UUID, id_of("User", "The user's id.")]
SuspensionReason = Annotated[
    str,
    strawberry.argument(
        description=f"The reason, which the user reads: at most {MAX_SUSPENSION_REASON:,}"
        " characters."
    ),
]
SuspendedUntil = Annotated[
    datetime | None,
    strawberry.argument(
        description="The time at which the suspension ends by itself, within"
        f" {MAX_SUSPENSION_DAYS:,} days. If omitted, it lasts until `restoreUser`."
    ),
]
ImpersonationReason = Annotated[
    str,
    strawberry.argument(
        description=f"The reason, which the user reads: at most {MAX_IMPERSONATION_REASON:,}"
        " characters."
    ),
]
Minutes = Annotated[
    int,
    strawberry.argument(
        description=f"The minutes after which it ends by itself, 1 to {MAX_IMPERSONATION_MINUTES}."
    ),
]
ImpersonationId = Annotated[
    UUID | None,
    optional_id_of(
        "Impersonation",
        "The impersonation's id. If omitted, the one of the request or, for an admin, the newest"
        " of the admin's own.",
    ),
]
ChangeState = Annotated[
    AdminChangeState | None, strawberry.argument(description="In this state. All if omitted.")
]


@strawberry.input(description="Conditions of a list of users. All of them must hold.")
class UserWhere:
    email: str | None = strawberry.field(
        default=None,
        description="With this email address, in any spelling, as a whole: addresses are stored"
        " sealed, so a part finds none.",
    )
    phone: str | None = strawberry.field(
        default=None,
        description="With this proven phone number, with its country code, as a whole: such as +91"
        " 98200 12345.",
    )
    state: UserState | None = strawberry.field(default=None, description="In this state.")
    role: Role | None = strawberry.field(default=None, description="With this role.")
    created_from: datetime | None = strawberry.field(
        default=None, description="Created at this time or later."
    )
    created_before: datetime | None = strawberry.field(
        default=None, description="Created before this time."
    )


@strawberry.type(description="The use of a user's account by an admin, with its access token.")
class ImpersonateUserPayload(Payload):
    impersonation: Impersonation | None = strawberry.field(
        default=None, description="The impersonation. Null on error."
    )
    access_token: str | None = strawberry.field(
        default=None,
        description="Send it as `Authorization: Bearer …`. It is valid until the impersonation"
        " ends, and cannot be refreshed. Null on error.",
    )


def user_filter(where: UserWhere | None, search: str | None) -> UserFilter:
    where = where or UserWhere()
    return UserFilter(
        email=None if where.email is None else normalize_email(where.email) or "",
        phone=None if where.phone is None else normalize_phone(where.phone) or "",
        state=where.state,
        role=where.role,
        since=where.created_from,
        until=where.created_before,
        name=search,
    )
