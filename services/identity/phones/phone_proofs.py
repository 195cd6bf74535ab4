"""Proofs of phone numbers: a code is compared once its try, and a guess, are counted."""

from core.redis_timeouts import RedisAllowance
from core.security.sealed import Sealer
from models.identity.phones import PhoneChallenge, PhoneProof, PhonePurpose
from models.identity.registrations import CodeEnded, CodeWrong
from services.identity.phones.phone_codes import ENDED, ensure_code_right, find_owner, take_try
from services.identity.phones.phone_limits import PhoneLimits
from services.transaction import OpenTransaction


async def prove(
    transaction: OpenTransaction,
    sealer: Sealer,
    limits: PhoneLimits,
    given: PhoneProof,
    purpose: PhonePurpose,
    allowance: RedisAllowance,
) -> PhoneChallenge:
    """Return the request whose code is right. The try is committed before it is compared.

    Raises `CodeEnded` and `CodeWrong`.
    """
    async with transaction() as session:
        challenge = await take_try(session, given)
    if challenge.purpose is not purpose:
        raise CodeEnded(ENDED)
    try:
        async with limits.guess(challenge, allowance):
            ensure_code_right(sealer, challenge, given)
    except (CodeWrong, CodeEnded) as refusal:  # the audit log names the account
        async with transaction() as session:
            refusal.subject_id = await find_owner(session, challenge)
        raise
    return challenge
