"""Journal entries of members and invitations."""

from dataclasses import dataclass
from uuid import UUID

from services.journal.entries import Entry


@dataclass(frozen=True)
class MemberEntry(Entry):
    """A change of a membership. The row is gone after a removal, so the entry has its user too."""

    member_id: UUID
    user_id: UUID


@dataclass(frozen=True)
class MemberJoined(MemberEntry, kind="member.joined"):
    pass


@dataclass(frozen=True)
class MemberRoleChanged(MemberEntry, kind="member.role"):
    pass


@dataclass(frozen=True)
class MemberRemoved(MemberEntry, kind="member.removed"):
    """A member left or was removed."""


@dataclass(frozen=True)
class InvitationChanged(Entry, kind="invitation"):
    """An invitation was sent, accepted, declined or revoked."""

    invitation_id: UUID
