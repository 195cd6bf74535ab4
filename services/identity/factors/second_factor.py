"""The second step of a sign-in, and the proof of a factor in a session."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import TooManyRequests
from core.security import codes
from models.audit import AuditAct
from models.identity.accounts import User
from models.identity.challenges import (
    MAX_FACTOR_TRIES,
    ChallengeEnded,
    ChallengePurpose,
    FactorChallenge,
    PasskeyProof,
    Reauthentication,
    SecondFactorProof,
)
from models.identity.factors import (
    MAX_WRONG_CODES_WITH_MAIL,
    FactorNeeded,
    FactorWrong,
    MailCodeNeeded,
    SignInMethod,
)
from models.identity.passkeys import PasskeyRefused
from models.identity.providers import ProviderFlow
from services.audit import entries as audit
from services.identity import challenges
from services.identity.epochs import ensure_same_epoch
from services.identity.factors import mail_codes, passkeys, totp
from services.identity.factors.factors import ensure_factor, find_factors
from services.identity.factors.passkeys import PasskeyCopied
from services.identity.factors.recovery_codes import replace_recovery_codes, use_recovery_code
from services.identity.factors.totp import TotpTry
from services.identity.providers.provider_identities import can_link, link_identity
from services.identity.security_notices import SecurityNotice, send_notice
from services.identity.sessions.sessions import Tokens
from services.identity.sign_ins.known_networks import is_known
from services.identity.sign_ins.sign_ins import SignIn
from services.transaction import OpenTransaction
from services.viewer import ANONYMOUS, Viewer

CODE_DIGITS = 6  # of an app; a recovery code is longer
PASSKEY_COPIED = "PASSKEY_COPIED"  # in the audit log


async def confirm_second_factor(sign_in: SignIn, given: SecondFactorProof) -> Tokens:
    """Open the session of a user whose first proof was right, and who has the factor.

    The try is committed before the proof is compared. Raises `ChallengeEnded`, `FactorWrong`,
    `MailCodeNeeded`, `PasskeyRefused` and `TooManyRequests`.
    """
    async with sign_in.transaction() as session:
        challenge = await challenges.take_try(
            session, given.challenge_id, ChallengePurpose.SECOND_FACTOR
        )
        user_id = _owner(challenge)
        counted = await _count_code(session, challenge, given)
        known = await is_known(session, user_id, sign_in.address)
    async with (
        _reported(sign_in.transaction, user_id, counted),
        sign_in.limits.wrong_factor(sign_in.address, sign_in.allowance, is_known=known),
        sign_in.transaction() as session,
    ):
        user = await challenges.access_owner(session, challenge)
        await challenges.use(session, challenge)
        method = await _prove(session, sign_in, given, user_id, counted)
        if method is None:
            raise FactorWrong(left=MAX_FACTOR_TRIES - challenge.tries)
        if challenge.flow_id is not None:
            flow = await session.get_one(ProviderFlow, challenge.flow_id)
            if await can_link(session, user_id, flow):
                await link_identity(session, Viewer(user_id), flow)
        tokens = await sign_in.finish(session, user, method)
        if method is SignInMethod.RECOVERY_CODE:
            await send_notice(session, user_id, SecurityNotice.RECOVERY_CODE_USED)
    return tokens


async def log_in_with_passkey(sign_in: SignIn, given: PasskeyProof) -> Tokens:
    """Open the session of a passkey's owner. It has verified the user, so it is both factors.

    Raises `ChallengeEnded` and `PasskeyRefused`.
    """
    async with (
        _reported(sign_in.transaction, None, None),
        sign_in.transaction() as session,
    ):
        challenge = await challenges.take_try(session, given.challenge_id, ChallengePurpose.LOG_IN)
        await challenges.use(session, challenge)
        user_id = await passkeys.verify_passkey(
            session, given.challenge_id, given.credential, sign_in.party, owner_id=None
        )
        user = await session.get_one(User, user_id)  # locked with the passkey
        return await sign_in.finish(session, user, SignInMethod.PASSKEY)


async def prove(sign_in: SignIn, user_id: UUID, given: Reauthentication) -> None:
    """Use a code or a passkey of a signed-in user up.

    Raises `FactorWrong`, `ChallengeEnded`, `PasskeyRefused` and `TooManyRequests`.
    """
    async with sign_in.transaction() as session:
        counted = await totp.count_try(session, user_id) if given.totp is not None else None
        known = await is_known(session, user_id, sign_in.address)
    async with (
        _reported(sign_in.transaction, user_id, counted),
        sign_in.limits.wrong_factor(sign_in.address, sign_in.allowance, is_known=known),
        sign_in.transaction() as session,
    ):
        if given.passkey is not None:
            await _prove_passkey(session, sign_in, user_id, given.passkey)
        elif counted is None or not await totp.accept_code(
            session, counted, given.totp or "", sign_in.sealer
        ):
            raise FactorWrong(field=["totp"])


async def prove_code(sign_in: SignIn, user: User, code: str | None) -> None:
    """Use a code of the app or a recovery code up, beside the right password of a user.

    Does nothing for users without a second factor. Raises `FactorNeeded` without a code,
    `FactorWrong` and `TooManyRequests`.
    """
    async with sign_in.transaction() as session:
        if not await find_factors(session, user.id):
            return
        if code is None:
            raise FactorNeeded(field=["factorCode"])
        is_of_app = len(codes.read_digits(code)) == CODE_DIGITS
        counted = await totp.count_try(session, user.id) if is_of_app else None
        known = await is_known(session, user.id, sign_in.address)
    async with (
        _reported(sign_in.transaction, user.id, counted),
        sign_in.limits.wrong_factor(sign_in.address, sign_in.allowance, is_known=known),
        sign_in.transaction() as session,
    ):
        await ensure_same_epoch(session, user)
        if counted is not None:
            right = await totp.accept_code(session, counted, code, sign_in.sealer)
        else:
            right = await use_recovery_code(session, user.id, code)
        if not right:
            raise FactorWrong(field=["factorCode"])
        if counted is None:
            await send_notice(session, user.id, SecurityNotice.RECOVERY_CODE_USED)


async def regenerate_recovery_codes(session: AsyncSession, viewer: Viewer) -> list[str]:
    """Return ten new recovery codes. Raises `FactorMissing` without a second factor."""
    user_id = viewer.require_user()
    await ensure_factor(session, user_id)
    audit.append(session, viewer, AuditAct.REPLACE_RECOVERY_CODES, subject_id=user_id)
    await send_notice(session, user_id, SecurityNotice.RECOVERY_CODES_REPLACED)
    return await replace_recovery_codes(session, user_id)


async def _count_code(
    session: AsyncSession, challenge: FactorChallenge, given: SecondFactorProof
) -> TotpTry | None:
    """Count a code of the app. None if it will not be compared.

    After many wrong ones, it needs a code by mail as well, and more can be tried: else a thief of
    the password could stop the owner's codes for a day. Raises `MailCodeNeeded`.
    """
    user_id = _owner(challenge)
    if given.totp is None:
        return None
    if given.mail_code is None:
        try:
            return await totp.count_try(session, user_id)
        except TooManyRequests as refused:
            if (await session.get_one(User, user_id)).email is None:
                raise  # the code by phone was the first proof, and there is no mailbox
            needed = MailCodeNeeded(field=["mailCode"])
            needed.subject_id = user_id
            raise needed from refused
    if not mail_codes.is_right(challenge, given.mail_code):
        return None
    return await totp.count_try(session, user_id, most=MAX_WRONG_CODES_WITH_MAIL)


async def _prove_passkey(
    session: AsyncSession, sign_in: SignIn, user_id: UUID, given: PasskeyProof
) -> None:
    challenge = await challenges.take_try(session, given.challenge_id, ChallengePurpose.STEP_UP)
    if challenge.user_id != user_id:
        raise ChallengeEnded
    await challenges.use(session, challenge)
    await passkeys.verify_passkey(
        session, given.challenge_id, given.credential, sign_in.party, owner_id=user_id
    )


async def _prove(
    session: AsyncSession,
    sign_in: SignIn,
    given: SecondFactorProof,
    user_id: UUID,
    counted: TotpTry | None,
) -> SignInMethod | None:
    """Use the proof up, and return its method. None if it is wrong."""
    if given.recovery_code is not None:
        right = await use_recovery_code(session, user_id, given.recovery_code)
        return SignInMethod.RECOVERY_CODE if right else None
    if given.passkey is not None:
        await passkeys.verify_passkey(
            session, given.challenge_id, given.passkey, sign_in.party, owner_id=user_id
        )
        return SignInMethod.PASSKEY
    if counted is None:
        return None
    right = await totp.accept_code(session, counted, given.totp or "", sign_in.sealer)
    return SignInMethod.TOTP if right else None


@asynccontextmanager
async def _reported(
    transaction: OpenTransaction, user_id: UUID | None, counted: TotpTry | None
) -> AsyncIterator[None]:
    """Add the account to a refusal. Mails the user after the last wrong code of a day, and after
    the use of a copied passkey, which is also recorded.
    """
    try:
        yield
    except (FactorWrong, PasskeyRefused, TooManyRequests) as refusal:
        refusal.subject_id = user_id
        if user_id is not None and counted is not None and counted.is_last:
            async with transaction() as session:
                await send_notice(session, user_id, SecurityNotice.WRONG_CODES)
        raise
    except PasskeyCopied as copied:
        async with transaction() as session:
            act, code, owner_id = AuditAct.LOG_IN, PASSKEY_COPIED, copied.user_id
            audit.append(session, ANONYMOUS, act, subject_id=owner_id, code=code)
            await send_notice(session, owner_id, SecurityNotice.PASSKEY_COPIED)
        refused = PasskeyRefused()
        refused.subject_id = copied.user_id
        raise refused from copied


def _owner(challenge: FactorChallenge) -> UUID:
    if challenge.user_id is None:
        raise ChallengeEnded
    return challenge.user_id
