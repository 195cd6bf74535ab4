"""Profiles and email addresses of users."""

import strawberry

from engine.context import Info
from engine.mutation import mutation
from models.audit import AuditAct
from models.errors import InvalidInput, NotFound
from models.identity.accounts import EmailTaken
from models.identity.accounts import User as UserRow
from models.identity.email_changes import EmailChangeDraft
from models.identity.password_resets import LinkEnded
from models.validation import parse
from schema.identity.inputs import LinkToken
from schema.identity.profiles import NewAddress, UpdateProfileInput, profile_patch
from schema.identity.types import User
from services.identity import profiles
from services.identity.addresses import email_changes


@strawberry.type
class ProfileMutation:
    @mutation(
        personal=True,
        audit=AuditAct.UPDATE_PROFILE,
        raises=(InvalidInput, NotFound),
        viewer=User,
        repeatable="sets values",
    )
    async def update_profile(self, info: Info, input: UpdateProfileInput) -> UserRow:
        """Change the viewer's profile."""
        patch = profile_patch(input)
        async with info.context.transaction() as session:
            return await profiles.update_profile(session, info.context.viewer, patch)

    @mutation(
        personal=True,
        fresh=True,
        audit=AuditAct.CHANGE_EMAIL,
        raises=(InvalidInput,),
        repeatable="each request replaces the former",
    )
    async def change_email(self, info: Info, email: NewAddress) -> None:
        """Ask for another email address. A mail with a link is sent there, and `verifyEmail` with
        its token changes the address. The old address gets a mail now and at the change, with which
        it can be undone for 72 hours. Limited per network and per address.
        """
        context = info.context
        draft = parse(EmailChangeDraft, email=email)
        async with (
            context.transaction() as session,
            context.app.registration_limits.requested_mail(
                draft.email, context.address, context.redis_allowance
            ),
        ):
            await email_changes.request_change(
                session, context.app.sealer, context.viewer, draft.email
            )

    @mutation(
        personal=True,
        audit=AuditAct.UNDO_CHANGE,
        raises=(LinkEnded, EmailTaken),
        repeatable="a link is used once",
    )
    async def undo_change(self, info: Info, token: LinkToken) -> None:
        """Undo a change of the email address, by the link of the mail to the old one. Ends the
        password, all sessions, API tokens and links to providers of the account. A mail has a link
        for a new password.
        """
        async with info.context.transaction() as session:
            await email_changes.undo_change(session, info.context.app.sealer, token)
