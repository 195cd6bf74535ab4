"""Signing in with a code by phone, and changing the phone number."""

import re
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import uuid4

import phonenumbers
import pytest
from sqlalchemy import text
from sqlmodel import select

from core.clock import now
from core.security.sealed import Sealer
from core.security.signing_keys import SigningKeys
from core.settings import Settings
from gateways.sms import SmsMessage
from models.identity.accounts import User
from models.identity.phones import NUMBER_COLUMN, Phone, PhoneChallenge
from services.identity.phones.phone_accounts import seal_phone
from services.identity.phones.phone_codes import compose_code
from tests.client import Client, gid
from tests.factories.emails import email_of
from tests.factories.world import World
from tests.resolvers.audit.test_identity_acts import log_of
from tests.resolvers.counting import statements
from tests.resolvers.identity.mailbox import wrong
from tests.web.conftest import called

E164 = phonenumbers.PhoneNumberFormat.E164
NUMBERS = count(1)
REQUEST = """
mutation ($input: RequestLoginCodeInput!) {
  requestLoginCode(input: $input) { resendAfter errors { code } }
}"""
CONFIRM = """
mutation ($input: ConfirmPhoneInput!) { confirmPhone(input: $input) { errors { code } } }"""
NOTICES = text("SELECT args->>'notice' FROM procrastinate_jobs WHERE task_name LIKE '%notice'")
MESSAGES = text("SELECT count(*) FROM procrastinate_jobs WHERE task_name LIKE '%send_phone_code'")
AGED = text("UPDATE user_session SET signed_in_at = signed_in_at - interval '11 minutes'")
TOKENS = "session { accessToken } viewer { id }"


@pytest.fixture
def sealer(keys: SigningKeys) -> Sealer:
    return Sealer(keys)


def new_number() -> str:
    """Return a number of a block of its own, so that tests share no limit."""
    return f"+9198{next(NUMBERS):04}2345"


async def ask(client: Client, name: str, number: str) -> str:
    payload = await client.do(name, {"phone": number}, "challengeId resendAfter")
    assert payload["errors"] == []
    assert payload["resendAfter"] == 60
    secret: str = payload["challengeId"]
    return secret


async def read(world: World, sealer: Sealer) -> SmsMessage | None:
    """Return the message that the newest request gets now."""
    async with world.database.session() as session, session.begin():
        rows = (await session.exec(select(PhoneChallenge.id))).all()
        return await compose_code(session, sealer, max(rows))


async def code_of(world: World, sealer: Sealer) -> str:
    message = await read(world, sealer)
    assert message is not None
    found = re.match(r"\d{6}", message.body)
    assert found is not None
    return found[0]


def proof(secret: str, code: str) -> dict[str, Any]:
    return {"challengeId": secret, "code": code}


async def own(world: World, sealer: Sealer, number: str) -> User:
    """Return a user with a proven number."""
    user = await world.user(locale="de")
    await set_number(world, sealer, user, number)
    return user


async def set_number(world: World, sealer: Sealer, user: User, number: str) -> None:
    await world.save(seal_phone(sealer, user.id, number))


async def log_in(api: Client, secret: str, code: str) -> list[str]:
    return await api.refusal_codes("logInWithCode", proof(secret, code))


async def test_a_code_signs_in_once(world: World, api: Client, sealer: Sealer) -> None:
    number = new_number()
    user = await own(world, sealer, number)
    secret = await ask(api, "requestLoginCode", f"{number[:3]} {number[3:]}")
    message = await read(world, sealer)
    assert message is not None
    assert message.to == number
    assert "ist dein Code für Haat" in message.body
    code = message.body[:6]
    payload = await api.do("logInWithCode", proof(secret, f" {code[:3]} {code[3:]}"), TOKENS)
    client = api.bearing(payload["session"]["accessToken"])
    assert (await client.ask("{ viewer { email } }"))["viewer"]["email"] == email_of(user)
    assert await log_in(api, secret, code) == ["CODE_ENDED"]


async def test_a_code_is_good_for_its_own_request(
    world: World, api: Client, sealer: Sealer
) -> None:
    """A code requested for number B does not log in number A."""
    numbers = [new_number(), new_number()]
    for number in numbers:
        await own(world, sealer, number)
    first = await ask(api, "requestLoginCode", numbers[0])
    code = await code_of(world, sealer)
    second = await ask(api, "requestLoginCode", numbers[1])
    await code_of(world, sealer)
    assert await log_in(api, second, code) == ["CODE_WRONG"]
    assert await log_in(api, "unknown", code) == ["CODE_ENDED"]
    assert await log_in(api, first, code) == []


async def test_five_codes_can_be_tried(world: World, api: Client, sealer: Sealer) -> None:
    number = new_number()
    user = await own(world, sealer, number)
    secret = await ask(api, "requestLoginCode", number)
    code = await code_of(world, sealer)
    fields = "errors { code ... on CodeWrong { left } }"
    query = f"mutation ($i: LogInWithCodeInput!) {{ logInWithCode(input: $i) {{ {fields} }} }}"
    for left in (4, 3, 2, 1, 0):
        answer = await api.ask(query, i=proof(secret, wrong(code)))
        assert answer["logInWithCode"]["errors"] == [{"code": "CODE_WRONG", "left": left}]
    assert await log_in(api, secret, code) == ["CODE_ENDED"]
    entries = await log_of(world, api, "LOG_IN", outcome="REFUSED")
    assert {(one["code"], one["subjectId"]) for one in entries} >= {("CODE_WRONG", gid(user))}


async def test_a_code_ends(world: World, api: Client, sealer: Sealer) -> None:
    """After ten minutes."""
    number = new_number()
    await own(world, sealer, number)
    secret = await ask(api, "requestLoginCode", number)
    code = await code_of(world, sealer)
    async with world.database.session() as session, session.begin():
        (row,) = (await session.exec(select(PhoneChallenge))).all()
        row.used_at, row.expires_at = None, now() - timedelta(seconds=1)
    assert await log_in(api, secret, code) == ["CODE_ENDED"]


async def test_an_unknown_number_is_answered_as_a_known_one(
    world: World, api: Client, sealer: Sealer
) -> None:
    known, unknown = new_number(), new_number()
    await own(world, sealer, known)
    sent = [await statements(api, REQUEST, input={"phone": number}) for number in (known, unknown)]
    assert sent[0] == sent[1]
    assert not any("FROM phone" in statement for statement in sent[0])
    message = await read(world, sealer)
    assert message is not None
    assert message.to == unknown
    secret = await ask(api, "requestLoginCode", new_number())
    assert await log_in(api, secret, "000000") == ["CODE_WRONG"]


async def test_messages_are_limited_per_number(world: World, api: Client) -> None:
    number = new_number()
    await ask(api, "requestLoginCode", number)
    again = {"phone": f"{number[:3]}-{number[3:]}"}
    assert await api.mutation_failed("requestLoginCode", again) == ["RATE_LIMITED"]
    for refused in ("+33612345678", "+870773111632"):
        given = {"phone": refused}
        assert await api.refusal_codes("requestLoginCode", given) == ["NUMBER_NOT_SERVED"]
    for invalid in ("9820012345", "+912223456789", "x"):
        given = {"phone": invalid}
        assert await api.refusal_codes("requestLoginCode", given) == ["INVALID_INPUT"]


async def test_a_network_gets_five_messages_however_many_numbers_it_names(
    world: World, settings: Settings, keys: SigningKeys
) -> None:
    """Two hundred in nine countries, with the limit of production."""
    countries = ["IN", "NG", "US", "DE", "GB", "FR", "ES", "BR", "KE"]
    mobile = phonenumbers.PhoneNumberType.MOBILE
    examples = [phonenumbers.example_number_for_type(one, mobile) for one in countries]
    starts = [str(phonenumbers.format_number(one, E164))[:-3] for one in examples if one]
    numbers = [f"{start}{last:03}" for last in range(23) for start in starts][:200]
    named = {"sms_countries": ",".join(countries), "sms_per_network": 5}
    async with called(settings.model_copy(update=named)) as http:
        http._transport.client = (uuid4().hex, 1)  # type: ignore[attr-defined]
        api = Client(http, keys)
        for number in numbers:
            last = await api.mutation_failed("requestLoginCode", {"phone": number})
    assert last == ["RATE_LIMITED"]
    async with world.database.session() as session:
        sent = (await session.execute(MESSAGES)).scalar_one()
        assert (sent, len((await session.exec(select(PhoneChallenge))).all())) == (5, 5)


async def test_a_number_is_set_with_its_code(world: World, api: Client, sealer: Sealer) -> None:
    """It is stored sealed, and moves from an account that had it."""
    number = new_number()
    former, user = await own(world, sealer, number), await world.user()
    client, thief = api.signed_in(user), api.signed_in(await world.user())
    secret = await ask(client, "changePhone", number)
    code = await code_of(world, sealer)
    assert await thief.refusal_codes("confirmPhone", proof(secret, code)) == ["CODE_ENDED"]
    assert await log_in(api, secret, code) == ["CODE_ENDED"], "it is for another act"
    assert await client.refusal_codes("confirmPhone", proof(secret, wrong(code))) == ["CODE_WRONG"]
    assert await client.refusal_codes("confirmPhone", proof(secret, code)) == []
    async with world.database.session() as session:
        (phone,) = (await session.exec(select(Phone))).all()
        notices = (await session.execute(NOTICES)).scalars().all()
    assert phone.user_id == user.id != former.id
    assert number.encode() not in phone.number
    assert sealer.open(NUMBER_COLUMN, phone.id, phone.number) == number.encode()
    assert sorted(notices) == ["PHONE_CHANGED", "PHONE_MOVED"]


async def test_a_pending_change_ends_with_the_password_and_the_session(
    world: World, api: Client, sealer: Sealer
) -> None:
    """A thief who has asked for it must not finish it once the owner has taken the account back.

    The end of the session is not known to the server yet, as on another process.
    """
    user = await world.user()
    client = api.signed_in(user)
    for change in (
        'UPDATE "user" SET epoch = epoch + 1',
        "UPDATE user_session SET ended_at = now()",
    ):
        secret = await ask(client, "changePhone", new_number())
        given = proof(secret, await code_of(world, sealer))
        async with world.database.session() as session, session.begin():
            await session.execute(text(change))
        answer = await client.send(CONFIRM, input=given)
        codes = answer["errors"] if "errors" in answer else answer["data"]["confirmPhone"]["errors"]
        refused = [one.get("extensions", one)["code"] for one in codes]
        assert refused == (["UNAUTHENTICATED"] if "ended" in change else ["CODE_ENDED"])
    async with world.database.session() as session:
        assert (await session.exec(select(Phone))).all() == []


async def test_an_account_that_was_not_used_for_long_is_not_opened_by_its_number(
    world: World, api: Client, sealer: Sealer
) -> None:
    """Operators give unused numbers to other people."""
    number = new_number()
    user = await own(world, sealer, number)
    secret = await ask(api, "requestLoginCode", number)
    code = await code_of(world, sealer)
    for unused in (
        "UPDATE user_session SET last_used_at = now() - interval '91 days'",
        "DELETE FROM user_session",
    ):
        async with world.database.session() as session, session.begin():
            await session.execute(text(unused))
        assert await log_in(api, secret, code) == ["NUMBER_UNUSED"]
    await world.session(user)
    assert await log_in(api, secret, code) == []


async def test_codes_are_long_while_others_guess_those_of_their_range(
    world: World, api: Client, sealer: Sealer
) -> None:
    """Thirty wrong codes of 10,000 numbers: shorter codes end, and the next ones are longer."""
    block = new_number()[:-4]
    numbers = [f"{block}{last:04}" for last in range(8)]
    for number in numbers:
        await own(world, sealer, number)
    asked = [await ask(api, "requestLoginCode", number) for number in numbers[:7]]
    code = await code_of(world, sealer)
    for secret in asked[:6]:
        for _ in range(5):
            assert await log_in(api, secret, wrong(code)) == ["CODE_WRONG"]
    assert await log_in(api, asked[6], code) == ["CODE_ENDED"], "it is not compared any more"
    secret = await ask(api, "requestLoginCode", numbers[7])
    message = await read(world, sealer)
    assert message is not None
    long = message.body[:8]
    assert long.isdecimal()
    assert await log_in(api, secret, long[::-1] + "0") == ["CODE_WRONG"]
    assert await log_in(api, secret, long) == [], "which the guesses of others do not stop"
    other = await ask(api, "requestLoginCode", f"{block}0009")
    for answer in ("CODE_WRONG", "CODE_WRONG", "CODE_ENDED"):
        assert await log_in(api, other, "00000000") == [answer]


async def test_change_phone_needs_a_fresh_session(world: World, api: Client) -> None:
    client, given = api.signed_in(await world.user()), {"phone": new_number()}
    assert await api.mutation_failed("changePhone", given) == ["UNAUTHENTICATED"]
    async with world.database.session() as session, session.begin():
        await session.execute(AGED)
    assert await client.refusal_codes("changePhone", given) == ["STEP_UP_REQUIRED"]
