"""Proofs of phone numbers: a code is compared once its try, and a guess, are counted."""

from core.security.sealed import Sealer
from models.identity.phones import PhoneChallenge, PhoneProof, PhonePurpose
from models.identity.registrations import CodeEnded, CodeWrong
from services.identity.phones.phone_codes import ENDED, ensure_code_right, find_owner, take_try
from services.identity.phones.phone_guesses import charge_guess, refund_guess
from services.transaction import OpenTransaction


async def prove(
    transaction: OpenTransaction, sealer: Sealer, given: PhoneProof, purpose: PhonePurpose
) -> PhoneChallenge:
    """Return the request whose code is right. What is counted is committed before it is compared.

    Raises `CodeEnded`, also for a short code if there were too many wrong ones, and `CodeWrong`.
    """
    async with transaction() as session:
        challenge = await take_try(session, given)
        is_wanted = challenge.purpose is purpose
        is_allowed = is_wanted and await charge_guess(session, sealer, challenge)
    if not is_wanted:
        raise CodeEnded(ENDED)
    try:
        if not is_allowed:
            raise CodeEnded(ENDED)
        ensure_code_right(sealer, challenge, given)
    except (CodeWrong, CodeEnded) as refusal:  # the audit log names the account
        async with transaction() as session:
            refusal.subject_id = await find_owner(session, challenge)
        raise
    async with transaction() as session:
        await refund_guess(session, sealer, challenge)
    return challenge
