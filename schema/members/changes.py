"""Changes that the subscription to a vendor's members sends."""

from enum import Enum
from typing import Any

import strawberry
from strawberry import relay

from engine.types import column
from schema.lazy import LazyUser
from schema.members.types import Member, MemberInvitation


@strawberry.enum(
    description="A change of the members of a vendor. Values may be added: refetch on an unknown"
    " one."
)
class MemberChangeKind(Enum):
    JOINED = strawberry.enum_value("joined", description="A member joined.")
    ROLE_CHANGED = strawberry.enum_value("role_changed", description="A member has another role.")
    REMOVED = strawberry.enum_value("removed", description="A member left or was removed.")
    INVITATION_CHANGED = strawberry.enum_value(
        "invitation_changed", description="An invitation was sent, accepted, declined or revoked."
    )
    CHECKPOINT = strawberry.enum_value(
        "checkpoint",
        description="No change for this subscription, but a newer cursor to resume from.",
    )


@strawberry.type(description="A change of the members of a vendor, or of its invitations.")
class MemberChange:
    cursor: str = column("The cursor to resume after this change.")
    kind: MemberChangeKind = column("The kind of change.")
    member_id: relay.GlobalID | None = strawberry.field(
        default=None, description="The id of the `Member`. Null unless a membership changed."
    )
    user: LazyUser | None = strawberry.field(
        default=None, description="The member's user. Null unless a membership changed."
    )
    member: Member | None = strawberry.field(
        default=None, description="The membership as it is now. Null after it has ended."
    )
    invitation: MemberInvitation | None = strawberry.field(
        default=None, description="The invitation as it is now, if one changed."
    )


def membership_change(kind: MemberChangeKind, cursor: str, member_id: object, **now: Any) -> Any:
    return MemberChange(
        kind=kind, cursor=cursor, member_id=relay.GlobalID("Member", str(member_id)), **now
    )
