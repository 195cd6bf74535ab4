"""Changes of the members of a vendor."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar
from uuid import UUID

import strawberry

from dataloaders.identity import user_by_id
from dataloaders.members import invitation_by_id, member_by_id
from engine.arguments import Resume
from engine.context import Info
from engine.ids import id_of
from engine.live.sources import ChangeFactory
from engine.live.subscribe import subscribe_to_journal
from engine.request_loaders import Loaders
from engine.types import subscription
from models.members import Permission
from schema.members.changes import MemberChange, MemberChangeKind, membership_change
from schema.members.types import MemberInvitation
from services.journal.queries import JournalRecord
from services.members import entries
from subscriptions.vendor_source import VendorSource


@strawberry.type
class MemberSubscription:
    @subscription(
        "Changes of a vendor's members and invitations. For its owners and managers. Resume with"
        " the last `cursor`."
    )
    async def member_changes(
        self,
        info: Info,
        vendor_id: Annotated[UUID, id_of("Vendor", "A vendor whose members the viewer manages.")],
        after: Resume = None,
    ) -> AsyncGenerator[MemberChange, None]:
        return await subscribe_to_journal(info, MemberSource(vendor_id), after)


def _change_of(kind: MemberChangeKind) -> ChangeFactory:
    async def build(
        loaders: Loaders, record: JournalRecord[entries.MemberEntry], cursor: str
    ) -> Any:
        member_id = record.entry.member_id
        return membership_change(
            kind,
            cursor,
            member_id,
            user=await loaders[user_by_id].load(record.entry.user_id),
            member=await loaders[member_by_id].load(member_id),
        )

    return build


async def _invitation_change(
    loaders: Loaders, record: JournalRecord[entries.InvitationChanged], cursor: str
) -> MemberChange:
    invitation = await loaders[invitation_by_id].load(record.entry.invitation_id)
    return MemberChange(
        kind=MemberChangeKind.INVITATION_CHANGED,
        cursor=cursor,
        invitation=MemberInvitation.wrap_optional(invitation),
    )


@dataclass(frozen=True)
class MemberSource(VendorSource[MemberChange]):
    """Changes of a vendor's members, the same for all who manage them."""

    permission: ClassVar = Permission.MANAGE_MEMBERS
    changes: ClassVar = {
        entries.MemberJoined: _change_of(MemberChangeKind.JOINED),
        entries.MemberRoleChanged: _change_of(MemberChangeKind.ROLE_CHANGED),
        entries.MemberRemoved: _change_of(MemberChangeKind.REMOVED),
        entries.InvitationChanged: _invitation_change,
    }

    def checkpoint(self, cursor: str) -> MemberChange:
        return MemberChange(kind=MemberChangeKind.CHECKPOINT, cursor=cursor)
