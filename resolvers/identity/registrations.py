"""Registrations, and the accounts that they create."""

import strawberry

from engine.context import Info
from engine.mutation import mutation
from models.audit import AuditAct
from models.errors import InvalidInput
from models.identity.accounts import EmailTaken
from models.identity.passwords import PasswordWeak
from models.identity.providers import ProviderAccountTaken
from models.identity.registrations import (
    CodeEnded,
    CodeWrong,
    PasswordNeeded,
    RegistrationDraft,
    Verification,
)
from models.validation import parse
from resolvers.identity.sign_ins import caller_of, session_payload
from schema.identity.inputs import (
    RegisterInput,
    RegisterPayload,
    RegistrationSecret,
    VerifyEmailInput,
    VerifyEmailPayload,
)
from schema.identity.types import User
from services.i18n import language_of
from services.identity.addresses import email_changes
from services.identity.addresses.sealed_addresses import open_email
from services.identity.passwords import passwords
from services.identity.registrations import registrations
from services.identity.registrations.verification import prove_registration, verify_email


@strawberry.type
class RegistrationMutation:
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
                    session, app.sealer, draft, hashed, locale=language_of(context.locales)
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
            changed = await email_changes.apply_by_link(
                context.transaction, app.sealer, given.token
            )
            if changed is not None:
                own = changed.id == context.viewer.user_id
                return VerifyEmailPayload(viewer=User.wrap(changed) if own else None)
        proven = await prove_registration(
            context.transaction,
            given,
            app.sealer,
            app.registration_limits,
            app.hashing_limits,
            app.passwords,
            **caller_of(context),
        )
        async with context.transaction() as session:
            tokens = await verify_email(
                session, app.sealer, proven, app.keys, context.lifetimes, context.address
            )
        if tokens is None:  # after the commit, which uses the registration up
            raise EmailTaken
        opened = await session_payload(context, tokens)
        return VerifyEmailPayload(session=opened, viewer=User.wrap(tokens.user))

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
        email = open_email(context.app.sealer, registration)
        async with (
            context.app.registration_limits.mail(email, context.redis_allowance),
            context.transaction() as session,
        ):
            await registrations.resend_verification(session, registration_secret)
