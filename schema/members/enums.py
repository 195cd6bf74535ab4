"""Enums of the domain `members` in the GraphQL schema."""

from engine.enums import publish
from models.members import InvitationState

__all__ = ["InvitationState"]

publish(
    InvitationState,
    "The state of an invitation.",
    PENDING="Waiting for an answer, until `expiresAt`.",
    ACCEPTED="The owner of the address is a member.",
    DECLINED="It was declined.",
    REVOKED="It was revoked, or its inviter may not give the role any more.",
)
