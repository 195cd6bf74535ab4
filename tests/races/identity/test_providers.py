"""Answers of providers used concurrently: each once, and one user of each account."""

import pytest
from sqlmodel import col, select, update

from core.clock import now
from core.database import Database
from core.security.random_secrets import hash_secret
from models.identity.accounts import User, UserSession
from models.identity.providers import (
    FlowEnded,
    ProviderFlow,
    ProviderIdentity,
    ProviderProof,
    ProviderPurpose,
    SignInProvider,
)
from services.identity.factors import passkeys, ways_in
from services.identity.providers import provider_flows, provider_identities, provider_log_ins
from tests.client import Client, gid
from tests.factories.factors import answer_for, answer_of, identity_of, passkey_of
from tests.factories.world import World
from tests.races.conftest import Drop
from tests.races.crowd import at_once, crowd, tally
from tests.races.meeting import Meeting

ROUNDS = 3
STATE, BROWSER = "state", "browser"
STEP = "session { accessToken }"


async def callbacks_at_once(database: Database, world: World) -> int:
    """Take the answer of one flow eight times at once. Returns how many could."""
    row = answer_of(
        world.sealer,
        state_hash=hash_secret(STATE),
        browser_hash=hash_secret(BROWSER),
        answered_at=None,
        code_hash=None,
        issuer=None,
        subject=None,
    ).row
    await world.save(row)

    async def answer() -> dict[str, bool]:
        async with database.session() as session, session.begin():
            google = SignInProvider.GOOGLE
            taken = await provider_flows.answer_flow(session, google, STATE, BROWSER)
            return {"taken": taken is not None}

    taken: int = sum(one["taken"] for one in await at_once(answer() for _ in range(8)))
    await world.delete(row)
    return taken


async def test_one_callback_at_once_asks_the_provider_once(
    world: World, database: Database
) -> None:
    assert [await callbacks_at_once(database, world) for _ in range(ROUNDS)] == [1] * ROUNDS


async def test_more_callbacks_if_the_answer_is_read_first(
    world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: requests that all read before one writes all pass."""
    proceed, meeting = provider_flows._proceed, Meeting()

    async def read_and_write(session: object, values: object, *conditions: object) -> object:
        async with database.session() as reading:
            found = (await reading.exec(select(ProviderFlow).where(*conditions))).first()  # type: ignore[arg-type]
        await meeting.arrive()
        if found is None:
            return None
        return await proceed(session, values, col(ProviderFlow.id) == found.id)  # type: ignore[arg-type]

    monkeypatch.setattr(provider_flows, "_proceed", read_and_write)
    assert await callbacks_at_once(database, world) > 1


async def log_ins_at_once(clients: list[Client], world: World) -> dict[str, int]:
    answer = answer_of(world.sealer)
    await world.save(identity_of(await world.user()), answer.row)
    return tally(
        await at_once(
            clients[number % 2].do("logInWithProvider", answer.proof, STEP) for number in range(8)
        )
    )


async def test_one_answer_at_once_opens_one_session(world: World, clients: list[Client]) -> None:
    for _ in range(ROUNDS):
        assert await log_ins_at_once(clients, world) == {"OK": 1, "FLOW_ENDED": 7}


async def test_more_sessions_if_the_use_is_read_first(
    world: World, api: Client, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control."""
    meeting = Meeting()

    async def read_and_write(session: object, given: ProviderProof, *_: object) -> ProviderFlow:
        async with database.session() as reading:
            rows = select(ProviderFlow).where(ProviderFlow.code_hash == hash_secret(given.flow))
            flow = (await reading.exec(rows)).one()
            await meeting.arrive()
            if flow.used_at is not None:
                raise FlowEnded
            flow.used_at = now()
            await reading.commit()
            return flow

    monkeypatch.setattr(provider_log_ins, "take_flow", read_and_write)
    assert (await log_ins_at_once([api, api], world))["OK"] > 1


async def test_a_new_user_who_signs_in_twice_at_once_is_one(
    world: World, clients: list[Client], database: Database
) -> None:
    for number in range(ROUNDS):
        person = {"subject": f"same-{number}", "email": f"same{number}@gmail.com"}
        answers = [answer_of(world.sealer, **person) for _ in range(6)]
        await world.save(*(one.row for one in answers))
        payloads = await at_once(
            clients[number % 2].do("logInWithProvider", one.proof, "viewer { id }")
            for number, one in enumerate(answers)
        )
        assert tally(payloads) == {"OK": 6}
        assert len({payload["viewer"]["id"] for payload in payloads}) == 1
        async with database.session() as session:
            rows = select(ProviderIdentity).where(ProviderIdentity.subject == person["subject"])
            assert len((await session.exec(rows)).all()) == 1


async def links_at_once(clients: list[Client], world: World, subject: str) -> dict[str, int]:
    """Link one account at a provider to eight users at once."""
    users = await crowd(world, 8)
    answers = [
        answer_for(world.sealer, user, ProviderPurpose.LINK, subject=subject) for user in users
    ]
    await world.save(*(one.row for one in answers))
    return tally(
        await at_once(
            clients[number % 2].signed_in(user).do("linkProvider", one.proof)
            for number, (user, one) in enumerate(zip(users, answers, strict=True))
        )
    )


async def test_one_account_linked_by_many_at_once_is_one_users(
    world: World, clients: list[Client]
) -> None:
    for number in range(ROUNDS):
        answers = await links_at_once(clients, world, f"wanted-{number}")
        assert answers == {"OK": 1, "PROVIDER_ACCOUNT_TAKEN": 7}


async def test_one_account_of_many_users_without_the_constraint(
    world: World, api: Client, drop: Drop
) -> None:
    """The control."""
    await drop("provider_identity_provider_issuer_subject_key")
    assert await links_at_once([api, api], world, "wanted") == {"OK": 8}


async def last_two_at_once(clients: list[Client], world: World) -> dict[str, int]:
    """Remove the passkey and the provider of a user without a password."""
    user = await world.user()
    passkey, identity = passkey_of(user), identity_of(user)
    await world.save(passkey, identity)
    async with world.database.session() as session, session.begin():
        mine = update(User).where(col(User.id) == user.id)
        await session.exec(mine.values(password_hash=None))
        of_session = update(UserSession).where(col(UserSession.id) == user.id)
        await session.exec(of_session.values(factor_at=now()))
    one, other = (client.signed_in(user) for client in clients)
    return tally(
        await at_once(
            [
                one.do("removePasskey", {"passkeyId": gid(passkey)}),
                other.do("unlinkProvider", {"providerIdentityId": gid(identity)}),
            ]
        )
    )


async def test_one_of_the_last_two_ways_in_stays(world: World, clients: list[Client]) -> None:
    for _ in range(ROUNDS):
        assert await last_two_at_once(clients, world) == {"OK": 1, "LAST_WAY_IN": 1}


async def test_no_way_in_stays_without_the_lock(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: no lock of the user, in the transaction of each mutation."""

    async def unlocked(*_: object, **__: object) -> None:
        """Check nothing."""

    monkeypatch.setattr("engine.context.ensure_fresh_session", unlocked)
    looked = Meeting().after(ways_in.ensure_other_way_in)
    for module in (passkeys, provider_identities):
        monkeypatch.setattr(module, "ensure_other_way_in", looked)
    assert await last_two_at_once([api, api], world) == {"OK": 2}
