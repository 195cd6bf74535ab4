"""Passwords: forgotten, and changed."""

import strawberry

from engine.context import Info
from engine.mutation import mutation
from models.audit import AuditAct
from models.errors import InvalidInput
from models.identity.accounts import EmailNeeded, WrongCredentials
from models.identity.password_resets import (
    LinkEnded,
    NewPasswordByLink,
    PasswordChange,
    PasswordResetDraft,
)
from models.identity.passwords import PasswordWeak
from models.validation import parse
from resolvers.identity.sign_ins import authenticate
from schema.identity.inputs import (
    AccountAddress,
    ChangePasswordInput,
    ResetPasswordInput,
)
from services.identity.addresses.sealed_addresses import find_email
from services.identity.passwords import password_changes, password_resets, passwords
from services.identity.sessions.browser_sessions import renew_cookie_if_any

WRONG_CURRENT = "Incorrect password. Try again."


@strawberry.type
class PasswordMutation:
    @mutation(
        personal=True,
        raises=(InvalidInput,),
        repeatable="mails per address are limited, and each replaces the former",
    )
    async def request_password_reset(self, info: Info, email: AccountAddress) -> None:
        """Ask for a mail with a link for a new password, valid for 30 minutes. The result is the
        same if the address has no account. Limited per network and per address.
        """
        context = info.context
        draft = parse(PasswordResetDraft, email=email)
        async with (
            context.app.registration_limits.requested_mail(
                draft.email, context.address, context.redis_allowance
            ),
            context.transaction() as session,
        ):
            await password_resets.request_reset(session, context.app.sealer, draft.email)

    @mutation(
        personal=True,
        hashes=True,
        audit=AuditAct.RESET_PASSWORD,
        raises=(InvalidInput, PasswordWeak, LinkEnded),
        repeatable="a link is used once",
    )
    async def reset_password(self, info: Info, input: ResetPasswordInput) -> None:
        """Set a new password by the link of a mail. Ends all sessions and API tokens of the
        account. Then sign in.
        """
        context, app = info.context, info.context.app
        given = parse(NewPasswordByLink, token=input.token, password=input.password)
        async with context.read_session() as reading:
            user = await password_resets.access_reset(reading, given.token)
        personal = user.name, find_email(app.sealer, user) or ""
        async with app.hashing_limits.charged(context.address, context.redis_allowance):
            hashed = await passwords.hash_new_password(
                app.passwords, given.password, personal, context.is_gone
            )
        async with context.transaction() as session:
            await password_resets.reset_password(session, given.token, hashed)

    @mutation(
        personal=True,
        fresh=True,
        hashes=True,
        audit=AuditAct.CHANGE_PASSWORD,
        raises=(InvalidInput, PasswordWeak, WrongCredentials, EmailNeeded),
        repeatable="the current password is given",
    )
    async def change_password(self, info: Info, input: ChangePasswordInput) -> None:
        """Change the viewer's password. Ends all other sessions, and all API tokens unless
        `revokeApiTokens` is false. The user gets a mail. Repeated failures are rate-limited,
        together with those of `logIn`.
        """
        context, app = info.context, info.context.app
        if context.browser is not None:
            context.browser.ensure_can_change()
        given = parse(PasswordChange, current=input.current, password=input.password)
        user = await password_changes.find_changer(context.transaction, context.viewer)
        email = find_email(app.sealer, user) or ""
        try:
            found = await authenticate(context, email, given.current)
        except WrongCredentials:
            raise WrongCredentials(WRONG_CURRENT, field=["current"]) from None
        async with app.hashing_limits.charged(context.address, context.redis_allowance):
            hashed = await passwords.hash_new_password(
                app.passwords, given.password, (user.name, email), context.is_gone
            )
        async with context.transaction() as session:
            await password_changes.change_password(
                session,
                context.viewer,
                found.user,
                hashed,
                revokes_api_tokens=input.revoke_api_tokens,
            )
            cookie = await renew_cookie_if_any(session, context.viewer)
        if cookie is not None:
            await context.keep_cookie(cookie)
