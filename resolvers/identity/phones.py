"""Codes by phone, and the phone numbers of accounts."""

import strawberry

from engine.context import Context, Info
from engine.mutation import mutation
from models.audit import AuditAct
from models.errors import InvalidInput
from models.identity.accounts import UserSuspended, WrongCredentials
from models.identity.phones import (
    RESEND_SECONDS,
    NumberNotServed,
    NumberUnused,
    PhoneChallenge,
    PhoneDraft,
    PhoneProof,
    PhonePurpose,
)
from models.identity.registrations import CodeEnded, CodeWrong
from models.validation import parse
from resolvers.identity.sign_ins import first_step_payload, sign_in_of
from schema.identity.inputs import LogInPayload
from schema.identity.phones import (
    ConfirmPhoneInput,
    LogInWithCodeInput,
    PhoneArgument,
    PhoneCodePayload,
)
from services.identity.phones import phone_codes, phone_proofs, phones


async def _prove(context: Context, given: PhoneProof, purpose: PhonePurpose) -> PhoneChallenge:
    """Return the request whose code is right."""
    app, allowance = context.app, context.redis_allowance
    async with app.registration_limits.wrong_code(context.address, allowance):
        return await phone_proofs.prove(context.transaction, app.sealer, given, purpose)


@strawberry.type
class PhoneMutation:
    @mutation(
        personal=True,
        raises=(InvalidInput, NumberNotServed),
        repeatable="messages per number are limited",
    )
    async def request_login_code(self, info: Info, phone: PhoneArgument) -> PhoneCodePayload:
        """Ask for a code to sign in, sent to the phone number of an account, and valid for 10
        minutes. The result is the same if no account has the number. Limited per number and per
        network.
        """
        context, app = info.context, info.context.app
        number, allowance = parse(PhoneDraft, phone=phone).phone, context.redis_allowance
        async with (
            app.phone_limits.message(number, context.address, allowance),
            context.transaction() as session,
        ):
            secret = await phone_codes.request_code(
                session, app.sealer, number, PhonePurpose.LOG_IN
            )
        return PhoneCodePayload(challenge_id=secret, resend_after=RESEND_SECONDS)

    @mutation(
        personal=True,
        signs_in=True,
        audit=AuditAct.LOG_IN,
        raises=(InvalidInput, CodeWrong, CodeEnded, NumberUnused, WrongCredentials, UserSuspended),
        repeatable="a code is used once",
    )
    async def log_in_with_code(self, info: Info, input: LogInWithCodeInput) -> LogInPayload:
        """Sign in with a code that `requestLoginCode` sent. Five codes can be tried, or two if it
        has eight digits. Returns a `secondFactor` instead of a session if the user has one.
        """
        context = info.context
        given = parse(PhoneProof, challenge_id=input.challenge_id, code=input.code)
        challenge = await _prove(context, given, PhonePurpose.LOG_IN)
        async with context.transaction() as session:
            step = await phones.log_in_with_code(session, sign_in_of(context), challenge)
        return first_step_payload(context, step)

    @mutation(
        personal=True,
        fresh=True,
        raises=(InvalidInput, NumberNotServed),
        repeatable="messages per number are limited",
    )
    async def change_phone(self, info: Info, phone: PhoneArgument) -> PhoneCodePayload:
        """Ask for a code to the viewer's new phone number. `confirmPhone` takes it. Limited per
        number and per network.
        """
        context, app = info.context, info.context.app
        number, allowance = parse(PhoneDraft, phone=phone).phone, context.redis_allowance
        async with (
            context.transaction() as session,
            app.phone_limits.message(number, context.address, allowance),
        ):
            secret = await phone_codes.request_code(
                session,
                app.sealer,
                number,
                PhonePurpose.CHANGE_PHONE,
                user_id=context.viewer.require_user(),
            )
        return PhoneCodePayload(challenge_id=secret, resend_after=RESEND_SECONDS)

    @mutation(
        personal=True,
        audit=AuditAct.CHANGE_PHONE,
        raises=(InvalidInput, CodeWrong, CodeEnded),
        repeatable="a code is used once",
    )
    async def confirm_phone(self, info: Info, input: ConfirmPhoneInput) -> None:
        """Set the viewer's phone number with the code that `changePhone` sent. Another account that
        has the number loses it, and gets a mail. Five codes can be tried, or two if it has eight
        digits.
        """
        context = info.context
        given = parse(PhoneProof, challenge_id=input.challenge_id, code=input.code)
        challenge = await _prove(context, given, PhonePurpose.CHANGE_PHONE)
        async with context.transaction() as session:
            await phones.confirm_phone(session, context.app.sealer, context.viewer, challenge)
