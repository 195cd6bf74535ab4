"""Passkeys: added, renamed, removed, and used to sign in."""

import strawberry

from engine.context import Info
from engine.mutation import mutation
from models.audit import AuditAct
from models.errors import InvalidInput, NotFound
from models.identity import passkeys as rows
from models.identity.accounts import UserSuspended, WrongCredentials
from models.identity.challenges import ChallengeEnded, PasskeyProof
from models.identity.factors import LastWayIn
from models.identity.passkeys import (
    NewPasskey,
    PasskeyLimitReached,
    PasskeyName,
    PasskeyRefused,
    PasskeyTaken,
)
from models.validation import parse
from resolvers.identity.sign_ins import session_payload, sign_in_of
from schema.identity.factors import (
    LogInWithPasskeyInput,
    LogInWithPasskeyPayload,
    RegisterPasskeyInput,
    RegisterPasskeyPayload,
    StartPasskeyPayload,
)
from schema.identity.passkeys import (
    Passkey,
    PasskeyId,
    PasskeyNameArgument,
    PasskeyPurposeArgument,
)
from schema.identity.types import User
from services.identity.factors import passkeys, second_factor


@strawberry.type
class PasskeyMutation:
    @mutation(personal=True, enrols=True, repeatable="a challenge that is not used expires")
    async def start_passkey(
        self, info: Info, purpose: PasskeyPurposeArgument
    ) -> StartPasskeyPayload:
        """Start to add or to use a passkey. Only a sign-in needs no signed-in user. For a second
        factor, `logIn` returns the options. Limited per network.
        """
        context = info.context
        await context.app.start_limits.charge(context.address, context.redis_allowance)
        async with context.transaction() as session:
            started = await passkeys.start_passkey(
                session,
                context.app.sealer,
                context.viewer,
                purpose,
                context.app.settings.relying_party,
            )
        return StartPasskeyPayload(challenge_id=started.challenge_id, options=started.options)

    @mutation(
        personal=True,
        fresh=True,
        changes_factors=True,
        enrols=True,
        audit=AuditAct.ADD_PASSKEY,
        raises=(InvalidInput, ChallengeEnded, PasskeyRefused, PasskeyTaken, PasskeyLimitReached),
        repeatable="a passkey is added once",
    )
    async def register_passkey(
        self, info: Info, input: RegisterPasskeyInput
    ) -> RegisterPasskeyPayload:
        """Add a passkey. It signs in without the password, and is a second factor: from now on,
        `logIn` asks for one. A user can have at most 10. The user gets a mail.
        """
        given, context = parse(NewPasskey, **vars(input)), info.context
        async with context.transaction() as session:
            added = await passkeys.register_passkey(
                session,
                context.viewer,
                given,
                context.app.settings.relying_party,
            )
        return RegisterPasskeyPayload(
            passkey=Passkey.wrap(added.passkey), recovery_codes=added.recovery_codes
        )

    @mutation(
        personal=True,
        raises=(InvalidInput, NotFound),
        passkey=Passkey,
        repeatable="sets a state",
    )
    async def rename_passkey(
        self, info: Info, passkey_id: PasskeyId, name: PasskeyNameArgument
    ) -> rows.Passkey:
        """Change the name of a passkey."""
        given, context = parse(PasskeyName, name=name), info.context
        async with context.transaction() as session:
            return await passkeys.rename_passkey(
                session,
                context.viewer,
                passkey_id=passkey_id,
                name=given.name,
            )

    @mutation(
        personal=True,
        fresh=True,
        changes_factors=True,
        audit=AuditAct.REMOVE_PASSKEY,
        raises=(NotFound, LastWayIn),
        repeatable="refuses a removed passkey",
    )
    async def remove_passkey(self, info: Info, passkey_id: PasskeyId) -> None:
        """Remove a passkey. The recovery codes end with the last second factor. The user gets a
        mail.
        """
        context = info.context
        async with context.transaction() as session:
            await passkeys.remove_passkey(session, context.viewer, passkey_id=passkey_id)

    @mutation(
        personal=True,
        signs_in=True,
        audit=AuditAct.LOG_IN,
        raises=(
            InvalidInput,
            ChallengeEnded,
            PasskeyRefused,
            WrongCredentials,
            UserSuspended,
        ),
        repeatable="a challenge is met once, and a session that is not used expires",
    )
    async def log_in_with_passkey(
        self, info: Info, input: LogInWithPasskeyInput
    ) -> LogInWithPasskeyPayload:
        """Sign in with a passkey alone. It has verified the user, so no second factor is asked
        for.
        """
        context = info.context
        tokens = await second_factor.log_in_with_passkey(
            sign_in_of(context), parse(PasskeyProof, **vars(input))
        )
        session = await session_payload(context, tokens)
        return LogInWithPasskeyPayload(session=session, viewer=User.wrap(tokens.user))
