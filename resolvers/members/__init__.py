"""Root fields of members and invitations."""

import strawberry

from resolvers.members.administration import AdminMemberMutation
from resolvers.members.answers import AnswerMutation, InvitationQuery
from resolvers.members.invitations import InvitationMutation
from resolvers.members.members import OwnMemberMutation


@strawberry.type
class MemberQuery(InvitationQuery):
    pass


@strawberry.type
class MemberMutation(InvitationMutation, AnswerMutation, OwnMemberMutation, AdminMemberMutation):
    pass
