"""Loaders of members of vendors and of invitations."""

from engine.loaders import Loader, by_id, in_session, visible
from models.members import MemberInvitation
from models.vendors import VendorMember
from services.members.invitations import visible_invitations
from services.members.members import visible_members
from services.members.removal_quotes import RemovalQuote, quote_removals

member_by_id = by_id(VendorMember)
invitation_by_id = by_id(MemberInvitation)
visible_member = visible(VendorMember, visible_members)
visible_invitation = visible(MemberInvitation, visible_invitations)
_NO_QUOTE: RemovalQuote | None = None
quote_of_removal = Loader(in_session(quote_removals), _NO_QUOTE)
