"""Second factors used concurrently: each code once, and five tries of a challenge."""

from collections import Counter

import pytest
from sqlalchemy import text
from sqlmodel import col, update

from core.clock import now
from core.database import Database
from core.security.random_secrets import hash_secret
from core.settings import Settings
from models.identity.accounts import User, UserSession
from models.identity.challenges import ChallengeEnded, FactorChallenge
from models.identity.factors import TotpFactor
from models.identity.passkeys import Passkey
from services.identity import challenges
from services.identity.factors import passkeys, totp
from services.identity.factors.totp import TotpTry
from tests.authenticator import SoftAuthenticator
from tests.client import Client, gid
from tests.factories.factors import passkey_of
from tests.factories.world import World
from tests.races.conftest import Drop
from tests.races.crowd import at_once, tally
from tests.races.meeting import Meeting
from tests.resolvers.identity.registering import owner_of, started
from tests.resolvers.identity.signing_in import challenge_of, second_step

ROUNDS = 3


async def challenges_of(api: Client, user: User, count: int) -> list[str]:
    return [await challenge_of(api, user) for _ in range(count)]


async def test_one_code_at_once_opens_one_session(world: World, clients: list[Client]) -> None:
    for _ in range(ROUNDS):
        user = await world.user()
        app = await world.totp(user)
        waiting = await challenges_of(clients[0], user, 8)
        code = app.code()
        answers = tally(
            await at_once(
                second_step(clients[number % 2], one, totp=code)
                for number, one in enumerate(waiting)
            )
        )
        assert answers == {"OK": 1, "FACTOR_WRONG": 7}


async def test_one_code_opens_several_sessions_if_the_step_is_read_first(
    world: World, api: Client, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: two requests that both read before one writes both pass."""
    meeting = Meeting()

    async def read_and_write(session: object, counted: TotpTry, step: int) -> bool:
        async with database.session() as reading:
            factor = await reading.get_one(TotpFactor, counted.factor_id)
            await meeting.arrive()
            if factor.last_step >= step:
                return False
            factor.last_step = step
            await reading.commit()
            return True

    monkeypatch.setattr(totp, "_raise_step", read_and_write)
    user = await world.user()
    app = await world.totp(user)
    waiting = await challenges_of(api, user, 8)
    code = app.code()
    answers = tally(await at_once(second_step(api, one, totp=code) for one in waiting))
    assert answers["OK"] > 1


async def test_one_recovery_code_at_once_works_once(world: World, clients: list[Client]) -> None:
    for _ in range(ROUNDS):
        user = await world.user()
        app = await world.totp(user)
        waiting = await challenges_of(clients[0], user, 8)
        answers = tally(
            await at_once(
                second_step(clients[number % 2], one, recoveryCode=app.recovery_codes[0])
                for number, one in enumerate(waiting)
            )
        )
        assert answers == {"OK": 1, "FACTOR_WRONG": 7}


async def test_thirty_guesses_at_once_are_five_tries(world: World, clients: list[Client]) -> None:
    for _ in range(ROUNDS):
        user = await world.user()
        app = await world.totp(user)
        challenge_id = await challenge_of(clients[0], user)
        answers = tally(
            await at_once(
                second_step(clients[number % 2], challenge_id, totp=app.wrong_code())
                for number in range(30)
            )
        )
        assert answers == {"FACTOR_WRONG": 5, "CHALLENGE_ENDED": 25}


async def test_more_than_five_tries_if_they_are_counted_after_a_read(
    world: World, api: Client, database: Database, drop: Drop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: a try that is read and then written lets parallel guesses pass."""
    await drop("factor_challenge_tries_check")
    meeting = Meeting()

    async def read_and_write(session: object, secret: str, purpose: object) -> FactorChallenge:
        async with database.session() as reading:
            statement = text("SELECT id FROM factor_challenge WHERE secret_hash = :hash")
            found = {"hash": hash_secret(secret)}
            id = (await reading.execute(statement, found)).scalar_one()
            row = await reading.get_one(FactorChallenge, id)
            await meeting.arrive()
            if row.tries >= 5:
                raise ChallengeEnded
            row.tries += 1
            await reading.commit()
            return row

    monkeypatch.setattr(challenges, "take_try", read_and_write)
    user = await world.user()
    app = await world.totp(user)
    challenge_id = await challenge_of(api, user)
    guess = {"totp": app.wrong_code()}
    answers = tally(await at_once(second_step(api, challenge_id, **guess) for _ in range(30)))
    assert answers["FACTOR_WRONG"] > 5


async def test_twenty_wrong_codes_of_an_account_however_many_challenges(
    world: World, clients: list[Client]
) -> None:
    user = await world.user()
    app = await world.totp(user)
    waiting = await challenges_of(clients[0], user, 8)
    guess = {"totp": app.wrong_code()}
    answers = tally(
        await at_once(
            second_step(clients[number % 2], one, **guess) for number, one in enumerate(waiting * 5)
        )
    )
    assert answers == {"FACTOR_WRONG": 20, "MAIL_CODE_NEEDED": 20}


async def test_one_of_the_last_two_passkeys_stays(
    world: World, clients: list[Client], database: Database
) -> None:
    for _ in range(ROUNDS):
        user = await world.user()
        both = [passkey_of(user, number) for number in range(2)]
        await world.save(*both)
        async with database.session() as session, session.begin():
            await session.exec(
                update(User).where(col(User.id) == user.id).values(password_hash=None)
            )
            await session.exec(
                update(UserSession).where(col(UserSession.id) == user.id).values(factor_at=now())
            )
        answers = tally(
            await at_once(
                clients[number].signed_in(user).do("removePasskey", {"passkeyId": gid(one)})
                for number, one in enumerate(both)
            )
        )
        assert answers == {"OK": 1, "LAST_WAY_IN": 1}


async def copies_at_once(clients: list[Client], world: World, settings: Settings) -> Counter[str]:
    """Sign in with a passkey and its copy, whose counters are equal."""
    device = SoftAuthenticator(settings.relying_party.origins[0])
    await owner_of(world, clients[0], device)
    calls = []
    for number in range(2):
        start = await started(clients[0], "LOG_IN")
        device.sign_count = 7
        given = {
            "challengeId": start["challengeId"],
            "credential": device.get(start["options"]),
        }
        calls.append(clients[number].do("logInWithPasskey", given))
    return tally(await at_once(calls))


async def test_one_of_two_equal_counters_at_once(
    world: World, api: Client, settings: Settings
) -> None:
    for _ in range(ROUNDS):
        answers = await copies_at_once([api, api], world, settings)
        assert answers == {"OK": 1, "PASSKEY_REFUSED": 1}


async def test_both_equal_counters_if_they_are_read_first(
    world: World,
    api: Client,
    settings: Settings,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The control: a counter that is read and then written lets both in."""
    meeting = Meeting()

    async def read_and_write(
        session: object, passkey: Passkey, sign_count: int, *, backed_up: bool
    ) -> bool:
        async with database.session() as reading:
            row = await reading.get_one(Passkey, passkey.id)
            await meeting.arrive()
            if row.sign_count >= sign_count:
                return False
            row.sign_count = sign_count
            await reading.commit()
            return True

    monkeypatch.setattr(passkeys, "_note_use", read_and_write)
    assert await copies_at_once([api, api], world, settings) == {"OK": 2}
