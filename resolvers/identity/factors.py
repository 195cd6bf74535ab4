"""Second factors: set up, asked for in sign-ins, and turned off."""

from typing import Annotated

import strawberry

from engine.context import Info
from engine.mutation import mutation
from models.audit import AuditAct
from models.errors import InvalidInput
from models.identity.accounts import EmailNeeded, UserSuspended, WrongCredentials
from models.identity.challenges import ChallengeEnded, SecondFactorProof, SecondStep
from models.identity.factors import (
    FactorMissing,
    FactorWrong,
    MailCodeNeeded,
    SetupEnded,
    TotpCode,
)
from models.identity.passkeys import PasskeyRefused
from models.validation import parse
from resolvers.identity.sign_ins import session_payload, sign_in_of
from schema.identity.factors import (
    ConfirmSecondFactorInput,
    ConfirmSecondFactorPayload,
    EnableTotpPayload,
    SecondStepId,
    TotpCodeArgument,
)
from schema.identity.types import User
from services.identity.factors import mail_codes, second_factor, totp

RecoveryCodes = Annotated[
    list[str],
    "Ten codes, each of which replaces the second factor once. They are returned only now, so that"
    " the user can keep them. Null on error.",
]


@strawberry.type
class FactorMutation:
    @mutation(
        personal=True,
        signs_in=True,
        audit=AuditAct.LOG_IN,
        raises=(
            InvalidInput,
            ChallengeEnded,
            FactorWrong,
            MailCodeNeeded,
            PasskeyRefused,
            WrongCredentials,
            UserSuspended,
        ),
        repeatable="a challenge is met once, and a session that is not used expires",
    )
    async def confirm_second_factor(
        self, info: Info, input: ConfirmSecondFactorInput
    ) -> ConfirmSecondFactorPayload:
        """Finish a sign-in for which `logIn`, `logInWithCode` or `logInWithProvider` returned a
        `secondFactor`, within ten minutes. Five proofs can be tried. After 20 wrong codes of the
        app in 24 hours, a code of it needs a `mailCode` as well; recovery codes and passkeys do
        not. A recovery code is valid once. Where a recent proof is required, its session can only
        set up a factor again, once. Wrong proofs are limited per network.
        """
        context = info.context
        tokens = await second_factor.confirm_second_factor(
            sign_in_of(context), parse(SecondFactorProof, **vars(input))
        )
        session = await session_payload(context, tokens)
        return ConfirmSecondFactorPayload(session=session, viewer=User.wrap(tokens.user))

    @mutation(
        personal=True,
        raises=(InvalidInput, ChallengeEnded, EmailNeeded),
        repeatable="mails per address are limited, and each replaces the former",
    )
    async def request_mail_code(self, info: Info, challenge_id: SecondStepId) -> None:
        """Have a code sent to the address of the account, for a second step that returned
        MAIL_CODE_NEEDED. Limited per address.
        """
        context = info.context
        given = parse(SecondStep, challenge_id=challenge_id)
        async with context.read_session() as reading:
            email = await mail_codes.access_address(reading, context.app.sealer, given.challenge_id)
        async with (
            context.app.registration_limits.mail(email, context.redis_allowance),
            context.transaction() as session,
        ):
            await mail_codes.request_mail_code(session, given.challenge_id)

    @mutation(
        personal=True,
        fresh=True,
        changes_factors=True,
        enrols=True,
        audit=AuditAct.ENABLE_TOTP,
        repeatable="replaces the pending secret",
    )
    async def enable_totp(self, info: Info) -> EnableTotpPayload:
        """Start to set up an app for one-time codes. Nothing changes until `confirmTotp`, within
        ten minutes. A pending setup of the viewer is replaced.
        """
        context = info.context
        async with context.transaction() as session:
            setup = await totp.enable_totp(session, context.viewer, context.app.sealer)
        return EnableTotpPayload(secret=setup.secret, uri=setup.uri)

    @mutation(
        personal=True,
        fresh=True,
        changes_factors=True,
        enrols=True,
        audit=AuditAct.ENABLE_TOTP,
        raises=(InvalidInput, SetupEnded, FactorWrong),
        recovery_codes=RecoveryCodes,
        repeatable="a setup is confirmed once; `regenerateRecoveryCodes` replaces lost codes",
    )
    async def confirm_totp(self, info: Info, code: TotpCodeArgument) -> list[str]:
        """Turn one-time codes on with a code of the app that `enableTotp` has set up. A former app
        and former recovery codes are no longer valid. The user gets a mail.
        """
        given, context = parse(TotpCode, code=code), info.context
        async with context.transaction() as session:
            return await totp.confirm_totp(session, context.viewer, given.code, context.app.sealer)

    @mutation(
        personal=True,
        fresh=True,
        changes_factors=True,
        audit=AuditAct.DISABLE_TOTP,
        raises=(FactorMissing,),
        repeatable="sets a state",
    )
    async def disable_totp(self, info: Info) -> None:
        """Turn one-time codes off. The recovery codes end with the last second factor. The user
        gets a mail.
        """
        context = info.context
        async with context.transaction() as session:
            await totp.disable_totp(session, context.viewer)

    @mutation(
        personal=True,
        fresh=True,
        changes_factors=True,
        audit=AuditAct.REPLACE_RECOVERY_CODES,
        raises=(FactorMissing,),
        recovery_codes=RecoveryCodes,
        repeatable="each call replaces the codes",
    )
    async def regenerate_recovery_codes(self, info: Info) -> list[str]:
        """Replace the recovery codes. The former ones are no longer valid. The user gets a mail."""
        context = info.context
        async with context.transaction() as session:
            return await second_factor.regenerate_recovery_codes(session, context.viewer)
