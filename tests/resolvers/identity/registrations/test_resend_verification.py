"""Having the mail of a registration sent again."""

from datetime import timedelta
from uuid import uuid4

from sqlalchemy import text

from core.clock import now
from core.database import Database
from tests.client import Client
from tests.factories.emails import email_of
from tests.factories.world import World
from tests.resolvers.identity.mailbox import read_mail

JOBS = text("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'haat:send_verification'")


async def jobs(database: Database) -> int:
    async with database.session() as session:
        return int(await session.scalar(JOBS) or 0)


async def resend(api: Client, secret: str) -> list[str]:
    return await api.refusal_codes("resendVerification", {"registrationSecret": secret})


async def test_resend_verification_replaces_the_link_and_the_code(
    world: World, api: Client, database: Database
) -> None:
    sign_up = await world.registration()
    assert await resend(api, sign_up.secret) == []
    assert await jobs(database) == 1
    newer = await read_mail(world, email_of(sign_up.row))
    for old in ({"token": sign_up.token, "password": "kitchen-ladder-74"},):
        assert await api.refusal_codes("verifyEmail", old) == ["CODE_ENDED"]
    given = {"registrationSecret": sign_up.secret, "code": newer.code}
    assert await api.refusal_codes("verifyEmail", given) == []


async def test_resend_verification_does_not_renew_the_tries(
    world: World, api: Client, database: Database
) -> None:
    tried, spent = await world.registration(tries=4), await world.registration(tries=5)
    assert await resend(api, tried.secret) == []
    assert (await world.fresh(tried.row)).tries == 4
    assert await resend(api, spent.secret) == ["CODE_ENDED"]


async def test_resend_verification_of_what_ended(
    world: World, api: Client, database: Database
) -> None:
    expired = await world.registration(expires_at=now() - timedelta(seconds=1))
    used = await world.registration(used_at=now())
    for secret in (expired.secret, used.secret, "unknown", ""):
        assert await resend(api, secret) == ["CODE_ENDED"]
    assert await jobs(database) == 0


async def test_resend_verification_is_limited_with_the_mails_of_register(
    world: World, api: Client, database: Database
) -> None:
    given = {
        "email": f"{uuid4().hex}@haat.example",
        "password": "kitchen-ladder-74",
        "name": "Asha",
    }
    secret = (await api.do("register", given, "registrationSecret"))["registrationSecret"]
    assert [await resend(api, secret) for _ in range(2)] == [[], []]
    limited = {"registrationSecret": secret}
    assert await api.mutation_failed("resendVerification", limited) == ["RATE_LIMITED"]
    assert await api.mutation_failed("register", given) == ["RATE_LIMITED"]
    assert await jobs(database) == 3
