"""Sign-ins with a second factor: no session without it, and each proof once."""

from typing import Any

import pytest
from sqlmodel import col, select, update

from core.clock import now
from models.audit import AuditAct, AuditEntry
from models.identity.accounts import UserSession
from models.identity.challenges import FactorChallenge
from models.identity.factors import TotpFactor
from tests.client import Client, gid
from tests.factories.identity import PASSWORD
from tests.factories.world import World
from tests.resolvers.identity.credentials.test_totp import ENABLE, turned_on
from tests.resolvers.identity.signing_in import (
    challenge_of,
    codes_of,
    first_step,
    second_step,
)

TOKEN = {"name": "Till", "scopes": ["READ"]}


async def sessions_of(world: World, user: Any) -> int:
    """Return how many sessions were opened besides that of the factory."""
    async with world.database.session() as session:
        rows = select(UserSession.id).where(UserSession.user_id == user.id)
        return len((await session.exec(rows)).all()) - 1


async def test_the_password_alone_opens_no_session(world: World, api: Client) -> None:
    user = await world.user()
    app = await world.totp(user)
    step = await first_step(api, user)
    assert step["session"] is None
    assert step["secondFactor"]["methods"] == ["TOTP", "RECOVERY_CODE"]
    assert await sessions_of(world, user) == 0
    challenge_id = step["secondFactor"]["challengeId"]
    refused = await api.refusal_codes("refreshSession", {"refreshToken": challenge_id})
    assert refused == ["SESSION_ENDED"]
    payload = await second_step(api, challenge_id, totp=app.code())
    assert payload["errors"] == []
    assert payload["viewer"] == {"id": gid(user)}
    client = api.bearing(payload["session"]["accessToken"])
    assert await client.refusal_codes("createApiToken", TOKEN) == [], "the factor was just used"


async def test_a_user_without_a_factor_is_asked_for_none(world: World, api: Client) -> None:
    step = await first_step(api, await world.user())
    assert step["secondFactor"] is None
    assert step["session"] is not None


async def test_a_pending_app_is_not_asked_for(world: World, api: Client) -> None:
    user = await world.user()
    await api.signed_in(user).ask("mutation { enableTotp { secret } }")
    assert (await first_step(api, user))["session"] is not None


async def test_a_code_is_accepted_once_and_no_earlier_one_after_it(
    world: World, api: Client
) -> None:
    user = await world.user()
    app = await world.totp(user)
    next_code, current = app.code(steps=1), app.code()
    assert codes_of(await second_step(api, await challenge_of(api, user), totp=next_code)) == []
    for code in (next_code, current):
        again = await second_step(api, await challenge_of(api, user), totp=code)
        assert codes_of(again) == ["FACTOR_WRONG"]
    assert await sessions_of(world, user) == 1


async def test_typed_codes_may_have_spaces_and_digits_of_other_scripts(
    world: World, api: Client
) -> None:
    user = await world.user()
    code = (await world.totp(user)).code()
    typed = f" {code[:3]} {code[3:]}".translate({48 + n: chr(0x0966 + n) for n in range(10)})
    assert codes_of(await second_step(api, await challenge_of(api, user), totp=typed)) == []


async def test_codes_of_another_user_or_another_time_are_wrong(world: World, api: Client) -> None:
    user, other = await world.user(), await world.user()
    app, others = await world.totp(user), await world.totp(other)
    challenge_id = await challenge_of(api, user)
    proofs: list[dict[str, str]] = [
        {"totp": app.code(steps=3)},
        {"totp": others.code()},
        {"recoveryCode": others.recovery_codes[0]},
    ]
    for proof in proofs:
        assert codes_of(await second_step(api, challenge_id, **proof)) == ["FACTOR_WRONG"]


async def test_five_tries_per_challenge(world: World, api: Client) -> None:
    user = await world.user()
    app = await world.totp(user)
    challenge_id = await challenge_of(api, user)
    left = []
    for _ in range(5):
        answer = await api.ask(
            "mutation ($input: ConfirmSecondFactorInput!) { confirmSecondFactor(input: $input)"
            " { errors { code ... on FactorWrong { left } } } }",
            input={"challengeId": challenge_id, "totp": app.wrong_code()},
        )
        (error,) = answer["confirmSecondFactor"]["errors"]
        left.append(error["left"])
    assert left == [4, 3, 2, 1, 0]
    refused = await second_step(api, challenge_id, totp=app.code())
    assert codes_of(refused) == ["CHALLENGE_ENDED"]


@pytest.mark.parametrize("change", [{"used_at": now()}, {"expires_at": now(), "used_at": None}])
async def test_a_challenge_is_met_once_and_expires(
    world: World, api: Client, change: dict[str, Any]
) -> None:
    user = await world.user()
    app = await world.totp(user)
    challenge_id = await challenge_of(api, user)
    async with world.database.session() as session, session.begin():
        await session.exec(update(FactorChallenge).values(**change))
    refused = await second_step(api, challenge_id, totp=app.code())
    assert codes_of(refused) == ["CHALLENGE_ENDED"]
    assert await sessions_of(world, user) == 0


async def test_unknown_challenges_and_proofs_that_are_none_or_two(
    world: World, api: Client
) -> None:
    user = await world.user()
    app = await world.totp(user)
    assert codes_of(await second_step(api, "unknown", totp=app.code())) == ["CHALLENGE_ENDED"]
    challenge_id = await challenge_of(api, user)
    both = {"totp": app.code(), "recoveryCode": app.recovery_codes[0]}
    for proof in ({}, both):
        assert codes_of(await second_step(api, challenge_id, **proof)) == ["INVALID_INPUT"]


async def test_a_right_code_is_not_counted(world: World, api: Client) -> None:
    user = await world.user()
    app = await world.totp(user)
    await second_step(api, await challenge_of(api, user), totp=app.wrong_code())
    await second_step(api, await challenge_of(api, user), totp=app.code())
    assert len((await world.fresh(app.row)).tried_at) == 1


async def tried(world: World, factor: TotpFactor, times: list[Any]) -> None:
    async with world.database.session() as session, session.begin():
        await session.exec(
            update(TotpFactor).where(col(TotpFactor.id) == factor.id).values(tried_at=times)
        )


async def test_a_recovery_code_works_once_in_any_spelling(world: World, api: Client) -> None:
    user = await world.user()
    code = (await world.totp(user)).recovery_codes[3]
    typed = {"recoveryCode": f" {code.lower().replace('-', ' ')}"}
    assert codes_of(await second_step(api, await challenge_of(api, user), **typed)) == []
    again = await second_step(api, await challenge_of(api, user), recoveryCode=code)
    assert codes_of(again) == ["FACTOR_WRONG"]
    answer = await api.signed_in(user).ask("{ viewer { factors { recoveryCodesLeft } } }")
    assert answer["viewer"]["factors"] == {"recoveryCodesLeft": 9}


async def test_the_session_of_a_recovery_code_can_only_set_a_factor_up(
    world: World, api: Client
) -> None:
    user = await world.user()
    app = await world.totp(user)
    recovery = {"recoveryCode": app.recovery_codes[0]}
    opened = (await second_step(api, await challenge_of(api, user), **recovery))["session"]
    client = api.bearing(opened["accessToken"])
    assert await client.refusal_codes("createApiToken", TOKEN) == ["STEP_UP_REQUIRED"]
    for name in ("disableTotp", "regenerateRecoveryCodes"):
        answer = await client.ask(f"mutation {{ {name} {{ errors {{ code }} }} }}")
        assert answer[name]["errors"] == [{"code": "STEP_UP_REQUIRED"}]
    password = {"password": PASSWORD}
    assert await client.refusal_codes("reauthenticate", password) == ["STEP_UP_REQUIRED"]
    await turned_on(client)
    answer = await client.ask(ENABLE)
    assert answer["enableTotp"]["errors"] == [{"code": "STEP_UP_REQUIRED"}], "once"


async def test_the_audit_log_has_both_steps(world: World, api: Client) -> None:
    user = await world.user()
    app = await world.totp(user)
    await second_step(api, await challenge_of(api, user), totp=app.code())
    async with world.database.session() as session:
        rows = select(AuditEntry).where(AuditEntry.act == AuditAct.LOG_IN)
        entries = (await session.exec(rows.order_by(col(AuditEntry.created_at)))).all()
    assert [(one.code, one.subject_id) for one in entries] == [
        ("SECOND_FACTOR_REQUIRED", user.id),
        (None, user.id),
    ]
