"""Many wrong second factors: of one account, and of many accounts in one network."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest
from sqlmodel import select
from starlette.applications import Starlette

from core.clock import now
from core.limits.buckets import TokenBucket
from core.security.random_secrets import hash_secret
from models.identity.accounts import User
from models.identity.challenges import FactorChallenge
from services.identity.factors.mail_codes import compose_mail_code
from tests.apps import endpoint_of
from tests.client import Client
from tests.factories.emails import email_of
from tests.factories.world import World
from tests.races.crowd import crowd
from tests.resolvers.identity.credentials.test_confirm_second_factor import tried
from tests.resolvers.identity.signing_in import challenge_of, codes_of, second_step


@pytest.fixture
async def here(app: Starlette, api: Client) -> AsyncIterator[Client]:
    """Return a client from a network of its own, because wrong factors are counted by it."""
    transport = httpx.ASGITransport(app=app, client=(uuid4().hex, 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://haat") as http:
        yield replace(api, http=http)


async def test_after_twenty_wrong_codes_in_a_day_a_code_needs_one_by_mail(
    world: World, api: Client
) -> None:
    """A thief of the password neither guesses codes nor stops those of the owner."""
    user = await world.user(email=f"{uuid4().hex}@haat.example")
    app = await world.totp(user)
    hours_ago = [now() - timedelta(hours=23, minutes=59 - n) for n in range(19)]
    await tried(world, app.row, hours_ago)
    wrong = {"challengeId": await challenge_of(api, user), "totp": app.wrong_code()}
    assert await api.refusal_codes("confirmSecondFactor", wrong) == ["FACTOR_WRONG"]
    right = wrong | {"totp": app.code()}
    for given in (wrong, right, right, right, right):
        assert await api.refusal_codes("confirmSecondFactor", given) == ["MAIL_CODE_NEEDED"]
    guessed = right | {"mailCode": "000000"}
    assert await api.refusal_codes("confirmSecondFactor", guessed) == ["FACTOR_WRONG"]
    code = await mail_code(world, api, right["challengeId"], user)
    without_app = wrong | {"mailCode": code}
    assert await api.refusal_codes("confirmSecondFactor", without_app) == ["FACTOR_WRONG"]
    typed = f" {code[:3]} {code[3:]}"
    assert await api.refusal_codes("confirmSecondFactor", right | {"mailCode": typed}) == []


async def test_forty_wrong_codes_in_a_day_stop_codes_but_not_recovery_codes(
    world: World, api: Client
) -> None:
    """A thief who reads the mail too could guess the app's codes otherwise."""
    user = await world.user(email=f"{uuid4().hex}@haat.example")
    app = await world.totp(user)
    minutes_ago = [now() - timedelta(hours=23, minutes=59 - n) for n in range(40)]
    await tried(world, app.row, minutes_ago)
    given = {"challengeId": await challenge_of(api, user), "totp": app.code()}
    given["mailCode"] = await mail_code(world, api, given["challengeId"], user)
    assert await api.mutation_failed("confirmSecondFactor", given) == ["RATE_LIMITED"]
    recovery = {"recoveryCode": app.recovery_codes[0]}
    assert codes_of(await second_step(api, await challenge_of(api, user), **recovery)) == []
    # All but nineteen are older than a day.
    aged = [now() - timedelta(hours=25 if n < 21 else 23) for n in range(40)]
    await tried(world, app.row, aged)
    assert codes_of(await second_step(api, await challenge_of(api, user), totp=app.code())) == []


async def mail_code(world: World, api: Client, challenge_id: str, user: User) -> str:
    """Ask for the mail of a second step, and return its code."""
    assert await api.refusal_codes("requestMailCode", {"challengeId": challenge_id}) == []
    waiting = select(FactorChallenge.id).where(
        FactorChallenge.secret_hash == hash_secret(challenge_id)
    )
    async with world.database.session() as session, session.begin():
        mail = await compose_mail_code(session, world.sealer, (await session.exec(waiting)).one())
    assert mail is not None
    assert mail.to == email_of(user)
    found = re.search(r"^    (\d{6})$", mail.body, re.MULTILINE)
    assert found is not None
    return found[1]


async def test_a_mail_code_is_sent_for_open_second_steps_alone(world: World, api: Client) -> None:
    user = await world.user(email=f"{uuid4().hex}@haat.example")
    app = await world.totp(user)
    challenge_id = await challenge_of(api, user)
    for _ in range(3):
        await mail_code(world, api, challenge_id, user)
    given = {"challengeId": challenge_id}
    assert await api.mutation_failed("requestMailCode", given) == ["RATE_LIMITED"]
    assert codes_of(await second_step(api, challenge_id, totp=app.code())) == []
    for ended in (challenge_id, "unknown"):
        given = {"challengeId": ended}
        assert await api.refusal_codes("requestMailCode", given) == ["CHALLENGE_ENDED"]


async def test_wrong_factors_are_limited_per_network(
    world: World, app: Starlette, api: Client, here: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thief of many passwords tries few codes of each account.

    An owner who signed in there before is not stopped by others in the network.
    """
    thirty = TokenBucket.of(30, minutes=60)
    monkeypatch.setattr(endpoint_of(app).app.factor_limits, "_network", thirty)
    owner, victims = await world.user(), await crowd(world, 7)
    known = await world.totp(owner)
    first = await second_step(here, await challenge_of(here, owner), totp=known.code())
    assert codes_of(first) == []
    for victim in victims[:6]:
        guess = (await world.totp(victim)).wrong_code()
        challenge_id = await challenge_of(here, victim)
        for _ in range(5):
            assert codes_of(await second_step(here, challenge_id, totp=guess)) == ["FACTOR_WRONG"]
    right = (await world.totp(victims[6])).recovery_codes[0]
    given = {"challengeId": await challenge_of(here, victims[6]), "recoveryCode": right}
    assert await here.mutation_failed("confirmSecondFactor", given) == ["RATE_LIMITED"]
    assert await api.refusal_codes("confirmSecondFactor", given) == [], "from another network"
    challenge_id = await challenge_of(here, owner)
    wrong = {"challengeId": challenge_id, "totp": known.wrong_code()}
    assert await here.mutation_failed("confirmSecondFactor", wrong) == ["RATE_LIMITED"]
    used = await second_step(here, challenge_id, recoveryCode=known.recovery_codes[0])
    assert codes_of(used) == []
