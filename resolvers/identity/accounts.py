"""Accounts, sessions and API tokens."""

from datetime import datetime
from typing import Annotated, Any

import strawberry

from engine.context import Context, Info
from engine.mutation import mutation
from engine.types import field
from models.audit import AuditAct
from models.errors import InvalidInput, NotFound, StepUpRequired
from models.identity import api_tokens as rows
from models.identity.accounts import (
    AccountRecentlyChanged,
    EmailTaken,
    SessionEnded,
    UserSuspended,
    WrongCredentials,
)
from models.identity.accounts import User as UserRow
from models.identity.admin_invitations import AdminAcceptance, InvitationEnded
from models.identity.challenges import ChallengeEnded, Reauthentication
from models.identity.factors import FactorNeeded, FactorWrong
from models.identity.passkeys import PasskeyRefused
from models.identity.passwords import PasswordWeak
from models.identity.providers import FlowEnded, ProviderAccountTaken
from models.identity.registrations import (
    CodeEnded,
    CodeWrong,
    PasswordNeeded,
    RegistrationDraft,
    Verification,
)
from models.validation import parse
from resolvers.identity.sign_ins import first_step_payload, sign_in_of
from schema.identity.api_tokens import ApiToken
from schema.identity.inputs import (
    AcceptAdminInvitationInput,
    ApiTokenId,
    CreateApiTokenInput,
    CreateApiTokenPayload,
    LinkToken,
    LogInInput,
    LogInPayload,
    OptionalRefreshToken,
    OwnPasskey,
    OwnPassword,
    OwnProvider,
    OwnTotp,
    RefreshToken,
    RegisterInput,
    RegisterPayload,
    RegistrationSecret,
    VerifyEmailInput,
    VerifyEmailPayload,
)
from schema.identity.types import AuthLink, Session, User
from services.i18n import language_of
from services.identity import accounts, admin_invitations, links
from services.identity.addresses import email_changes
from services.identity.factors import second_factor
from services.identity.passwords import passwords
from services.identity.providers import provider_log_ins
from services.identity.registrations import registrations
from services.identity.registrations.verification import prove_registration, verify_email
from services.identity.sessions import refreshes, sessions
from services.identity.sessions.sessions import AuthenticatedUser
from services.identity.sign_ins import sign_ins
from services.identity.tokens import api_tokens

WRONG_PASSWORD = "Incorrect password. Try again."  # noqa: S105 - no secret


def _caller(context: Context) -> dict[str, Any]:
    """Return what the limits of passwords and codes need to know of the caller."""
    return {
        "address": context.address,
        "allowance": context.redis_allowance,
        "is_gone": context.is_gone,
    }


async def _authenticate(context: Context, email: str, password: str) -> AuthenticatedUser:
    """Compare the password, unless too many attempts have failed."""
    return await context.app.log_in.authenticate(email, password, **_caller(context))


async def _prove_password(context: Context, user: UserRow | None, password: str) -> None:
    try:
        found = await _authenticate(context, user.email if user else "", password)
    except WrongCredentials:
        raise WrongCredentials(WRONG_PASSWORD) from None
    if user is None or found.user.id != user.id:  # the address is another account's by now
        raise WrongCredentials(WRONG_PASSWORD)


@strawberry.type
class AccountQuery:
    @field("The signed-in user. Null for anonymous callers.")
    async def viewer(self, info: Info) -> User | None:
        user_id = info.context.viewer.optional_user_id
        async with info.context.read_session() as session:
            return User.wrap_optional(await accounts.find_user(session, user_id))

    @field(
        "Returns the purpose and the account of a link. Null if the link is no longer valid.",
        cost=10,
    )
    async def auth_link(self, info: Info, token: LinkToken) -> AuthLink | None:
        async with info.context.read_session() as session:
            found = await links.find_link(session, token)
        return AuthLink(**vars(found)) if found else None


@strawberry.type
class AccountMutation:
    @mutation(
        personal=True,
        hashes=True,
        raises=(InvalidInput, PasswordWeak),
        repeatable="the first registration that is verified becomes the account",
    )
    async def register(self, info: Info, input: RegisterInput) -> RegisterPayload:
        """Ask for an account. A mail with a link and a code of six digits verifies the email
        address, and `verifyEmail` then creates the account. The result is the same if the address
        has an account, but the mail states so. Limited per network and per address.
        """
        context, app = info.context, info.context.app
        draft = parse(
            RegistrationDraft, email=input.email, password=input.password, name=input.name
        )
        async with app.registration_limits.registration(
            draft.email, context.address, context.redis_allowance
        ):
            personal = draft.name, draft.email
            async with app.hashing_limits.charged(context.address, context.redis_allowance):
                hashed = await passwords.hash_new_password(
                    app.passwords, draft.password, personal, context.is_gone
                )
            async with context.transaction() as session:
                secret = await registrations.register(
                    session, draft, hashed, locale=language_of(context.locales)
                )
        return RegisterPayload(registration_secret=secret)

    @mutation(
        personal=True,
        hashes=True,
        signs_in=True,
        audit=AuditAct.CREATE_ACCOUNT,
        raises=(
            InvalidInput,
            PasswordWeak,
            CodeWrong,
            CodeEnded,
            PasswordNeeded,
            EmailTaken,
            ProviderAccountTaken,
        ),
        repeatable="a registration is used once",
    )
    async def verify_email(self, info: Info, input: VerifyEmailInput) -> VerifyEmailPayload:
        """Create the account of a registration and sign in to it. Give the token of the mail's
        link, or the `registrationSecret` and the code. Five codes can be tried. With the token of
        `changeEmail`'s mail, it changes the address of the account, without a session.
        """
        context, app = info.context, info.context.app
        given = parse(Verification, **vars(input))
        if given.token is not None:
            changed = await email_changes.apply_by_link(context.transaction, given.token)
            if changed is not None:
                own = changed.id == context.viewer.user_id
                return VerifyEmailPayload(viewer=User.wrap(changed) if own else None)
        proven = await prove_registration(
            context.transaction,
            given,
            app.registration_limits,
            app.hashing_limits,
            app.passwords,
            **_caller(context),
        )
        async with context.transaction() as session:
            tokens = await verify_email(session, proven, app.keys, app.lifetimes, context.address)
        if tokens is None:  # after the commit, which uses the registration up
            raise EmailTaken
        context.signed_in_user_id = tokens.user.id
        return VerifyEmailPayload(
            session=Session.from_tokens(tokens), viewer=User.wrap(tokens.user)
        )

    @mutation(
        personal=True,
        hashes=True,
        audit=AuditAct.CHANGE_ROLE,
        raises=(
            InvalidInput,
            PasswordWeak,
            WrongCredentials,
            UserSuspended,
            FactorNeeded,
            FactorWrong,
            InvitationEnded,
            EmailTaken,
        ),
        viewer=User,
        repeatable="a link is used once",
    )
    async def accept_admin_invitation(
        self, info: Info, input: AcceptAdminInvitationInput
    ) -> UserRow:
        """Become an admin by the link of `haat admin create`. Give the password of the account, and
        a code if it has a second factor; or a name and a password for a new one. `authLink` returns
        which. Ends the sessions of the account. Then sign in.
        """
        context, app = info.context, info.context.app
        given = parse(AdminAcceptance, **vars(input))
        async with context.read_session() as reading:
            invited = await admin_invitations.access_invited(reading, given.token)
        proven = await admin_invitations.prove_account(
            invited,
            given,
            app.log_in,
            sign_in_of(context),
            app.hashing_limits,
            app.passwords,
            context.is_gone,
        )
        async with context.transaction() as session:
            user = await admin_invitations.accept_admin_invitation(session, invited, proven)
        context.signed_in_user_id = user.id
        return user

    @mutation(
        personal=True,
        raises=(InvalidInput, CodeEnded),
        repeatable="mails per address are limited, and each replaces the former",
    )
    async def resend_verification(
        self, info: Info, registration_secret: RegistrationSecret
    ) -> None:
        """Send the mail of a registration again. Its link and code replace the former ones. Limited
        per address.
        """
        context = info.context
        async with context.read_session() as reading:
            registration = await registrations.access_registration(reading, registration_secret)
        async with (
            context.app.registration_limits.mail(registration.email, context.redis_allowance),
            context.transaction() as session,
        ):
            await registrations.resend_verification(session, registration_secret)

    @mutation(
        personal=True,
        hashes=True,
        signs_in=True,
        audit=AuditAct.LOG_IN,
        raises=(WrongCredentials, UserSuspended),
        repeatable="a session that is not used expires",
    )
    async def log_in(self, info: Info, input: LogInInput) -> LogInPayload:
        """Sign in. Returns a `secondFactor` instead of a session if the user has one. Repeated
        failures are rate-limited.
        """
        found = await _authenticate(info.context, input.email, input.password)
        async with info.context.transaction() as session:
            step = await sign_ins.log_in(session, sign_in_of(info.context), found)
        return first_step_payload(info.context, step)

    @mutation(
        personal=True,
        signs_in=True,
        audit=AuditAct.REFRESH_SESSION,
        raises=(SessionEnded,),
        session=Session,
        repeatable="a refresh token is used once",
    )
    async def refresh_session(self, info: Info, refresh_token: RefreshToken) -> Session:
        """Exchange a refresh token for new tokens. A refresh token younger than 30 seconds is
        returned unchanged. A retry by the same client returns the same new refresh token, with
        another access token, for 30 seconds and for as long as no new access token was used. Any
        other use of an exchanged token ends its session, and so do repeated late retries.
        """
        context, app = info.context, info.context.app
        async with context.transaction() as session:
            tokens = await refreshes.refresh_session(
                session,
                refresh_token,
                app.keys,
                app.lifetimes,
                address=context.address,
                user_agent=context.user_agent,
            )
        if tokens is None:  # after the commit, which ends the session of a copied token
            raise SessionEnded
        return Session.from_tokens(tokens)

    @mutation(
        personal=True,
        hashes=True,
        enrols=True,
        audit=AuditAct.REAUTHENTICATE,
        raises=(
            InvalidInput,
            WrongCredentials,
            SessionEnded,
            StepUpRequired,
            FactorWrong,
            ChallengeEnded,
            PasskeyRefused,
            FlowEnded,
        ),
        fresh_until=Annotated[
            datetime, "The time until which sensitive mutations are allowed. Null on error."
        ],
        repeatable="sets a time",
    )
    async def reauthenticate(
        self,
        info: Info,
        password: OwnPassword = None,
        totp: OwnTotp = None,
        passkey: OwnPasskey = None,
        provider: OwnProvider = None,
    ) -> datetime:
        """Prove that the user is present, with the password or a provider or, if the user has a
        second factor, with that. Counts as signing in again for ten minutes, which some mutations
        require. Repeated failures are rate-limited, together with those of `logIn`.
        """
        context, viewer = info.context, info.context.viewer
        given = parse(
            Reauthentication,
            password=password,
            totp=totp,
            passkey=vars(passkey) if passkey else None,
            provider=vars(provider) if provider else None,
        )
        async with context.read_session() as session:
            user = await accounts.find_user(session, viewer.require_user())
            await sessions.ensure_step_up_method(session, viewer, given.method)
        if given.password is not None:
            await _prove_password(context, user, given.password)
        elif given.provider is None:
            await second_factor.prove(sign_in_of(context), viewer.require_user(), given)
        async with context.transaction() as session:
            if given.provider is not None:
                await provider_log_ins.prove_provider(session, viewer, given.provider)
            return await sessions.reauthenticate(session, viewer, given.method)

    @mutation(personal=True, enrols=True, audit=AuditAct.LOG_OUT, repeatable="sets a state")
    async def log_out(self, info: Info, refresh_token: OptionalRefreshToken = None) -> None:
        """End a session. Its connections are closed within seconds."""
        async with info.context.transaction() as session:
            await sessions.log_out(session, info.context.viewer, refresh_token)

    @mutation(
        personal=True,
        fresh=True,
        audit=AuditAct.CREATE_API_TOKEN,
        raises=(InvalidInput, rows.ApiTokenLimitReached, AccountRecentlyChanged),
        repeatable="its secret is not stored, so a repetition could not return it",
    )
    async def create_api_token(
        self, info: Info, input: CreateApiTokenInput
    ) -> CreateApiTokenPayload:
        """Create an API token, with which a program acts as the viewer. The user gets a mail. Not
        possible for 48 hours after a change of the password, the email address or the phone number.
        """
        draft = parse(
            rows.ApiTokenDraft,
            name=input.name,
            scopes=set(input.scopes),
            expires_at=input.expires_at,
            expires_in_days=input.expires_in_days,
        )
        async with info.context.transaction() as session:
            token, secret = await api_tokens.create_api_token(session, info.context.viewer, draft)
        return CreateApiTokenPayload(api_token=ApiToken.wrap(token), secret=secret)

    @mutation(
        personal=True,
        audit=AuditAct.REVOKE_API_TOKEN,
        raises=(NotFound,),
        api_token=ApiToken,
        repeatable="sets a state",
    )
    async def revoke_api_token(self, info: Info, api_token_id: ApiTokenId) -> rows.ApiToken:
        """Revoke an API token. Its connections are closed within seconds."""
        async with info.context.transaction() as session:
            return await api_tokens.revoke_api_token(
                session, info.context.viewer, api_token_id=api_token_id
            )
