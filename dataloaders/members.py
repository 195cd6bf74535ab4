"""Loaders of members of vendors and of invitations."""

from engine.loaders import by_id, visible
from models.members import MemberInvitation
from models.vendors import VendorMember
from services.members.invitations import visible_invitations
from services.members.members import visible_members

member_by_id = by_id(VendorMember)
invitation_by_id = by_id(MemberInvitation)
visible_member = visible(VendorMember, visible_members)
visible_invitation = visible(MemberInvitation, visible_invitations)
