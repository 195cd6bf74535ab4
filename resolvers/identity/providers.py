"""Signing in with accounts at providers, linking and unlinking them."""

import strawberry

from engine.context import Info
from engine.mutation import mutation
from engine.types import field
from models.audit import AuditAct
from models.errors import InvalidInput, NotFound
from models.identity import providers as rows
from models.identity.accounts import UserSuspended, WrongCredentials
from models.identity.factors import LastWayIn
from models.identity.providers import (
    DetailsNeeded,
    FlowEnded,
    ProviderAccountTaken,
    ProviderAlreadyLinked,
    ProviderLogIn,
    ProviderNotServed,
    ProviderProof,
    ProviderStart,
)
from models.validation import parse
from resolvers.identity.sign_ins import first_step_payload, sign_in_of
from schema.identity.enums import SignInProvider
from schema.identity.inputs import LogInWithProviderPayload, StartProviderPayload
from schema.identity.providers import (
    CodeVerifier,
    Flow,
    LogInWithProviderInput,
    ProviderIdentity,
    ProviderIdentityId,
    StartProviderInput,
)
from services.i18n import language_of
from services.identity.providers import provider_flows, provider_identities, provider_log_ins
from services.identity.providers.provider_log_ins import AddressStep


@strawberry.type
class ProviderQuery:
    @field(
        "The providers with whose accounts users can sign in. Empty if none is set up.",
        size=len(SignInProvider),
    )
    def sign_in_providers(self, info: Info) -> list[SignInProvider]:
        return list(info.context.app.sign_in)


@strawberry.type
class ProviderMutation:
    @mutation(
        personal=True,
        raises=(InvalidInput, ProviderNotServed),
        repeatable="a redirect that is not used expires",
    )
    async def start_provider(self, info: Info, input: StartProviderInput) -> StartProviderPayload:
        """Start a redirect to a provider, and back to the app within ten minutes. Only a sign-in
        needs no signed-in user.
        """
        given, context = parse(ProviderStart, **vars(input)), info.context
        settings = context.app.settings
        async with context.transaction() as session:
            state = await provider_flows.start_provider(
                session,
                context.viewer,
                given,
                context.app.sign_in.keys(),
                settings.sign_in_redirects,
            )
        path = provider_flows.start_path(given.provider, state)
        return StartProviderPayload(url=f"{settings.address}{path}")

    @mutation(
        personal=True,
        signs_in=True,
        audit=AuditAct.LOG_IN,
        raises=(
            InvalidInput,
            FlowEnded,
            DetailsNeeded,
            WrongCredentials,
            UserSuspended,
            ProviderAccountTaken,
            ProviderAlreadyLinked,
        ),
        repeatable="an answer is used once",
    )
    async def log_in_with_provider(
        self, info: Info, input: LogInWithProviderInput
    ) -> LogInWithProviderPayload:
        """Sign in with an account at a provider. Returns a `secondFactor` instead of a session if
        the user has one. Creates an account if there is none: at once if the provider alone decides
        who has the address, else with the `registrationSecret` and the code of a mail, by
        `verifyEmail`. Mails are limited per network and per address.
        """
        context, app = info.context, info.context.app
        given = parse(ProviderLogIn, **vars(input))
        async with context.transaction() as session:
            step = await provider_log_ins.log_in_with_provider(
                session,
                sign_in_of(context),
                given,
                app.registration_limits,
                context.redis_allowance,
                locale=language_of(context.locales),
            )
        if isinstance(step, AddressStep):
            return LogInWithProviderPayload(registration_secret=step.registration_secret)
        return LogInWithProviderPayload(**vars(first_step_payload(context, step)))

    @mutation(
        personal=True,
        fresh=True,
        audit=AuditAct.LINK_PROVIDER,
        raises=(InvalidInput, FlowEnded, ProviderAccountTaken, ProviderAlreadyLinked),
        provider_identity=ProviderIdentity,
        repeatable="an answer is used once",
    )
    async def link_provider(
        self, info: Info, flow: Flow, code_verifier: CodeVerifier
    ) -> rows.ProviderIdentity:
        """Link an account at a provider, which then signs in to the viewer's account. A user can
        link one of each provider. The user gets a mail.
        """
        given, context = parse(ProviderProof, flow=flow, code_verifier=code_verifier), info.context
        async with context.transaction() as session:
            return await provider_log_ins.link_provider(session, context.viewer, given)

    @mutation(
        personal=True,
        fresh=True,
        audit=AuditAct.UNLINK_PROVIDER,
        raises=(NotFound, LastWayIn),
        repeatable="refuses a removed link",
    )
    async def unlink_provider(self, info: Info, provider_identity_id: ProviderIdentityId) -> None:
        """Unlink an account at a provider. The user gets a mail."""
        context = info.context
        async with context.transaction() as session:
            await provider_identities.unlink_provider(
                session, context.viewer, identity_id=provider_identity_id
            )
