"""A production process does not start on a database with usable demo accounts."""

import subprocess
import sys

import pytest
from sqlalchemy import text

from core.database import Database
from core.ids import new_id
from core.security.passwords import hash_password
from core.settings import HOME, Settings
from demo.identity.accounts import PASSWORD
from demo.identity.public_passwords import count_open_accounts
from tests import servers
from tests.factories.world import World
from tests.hostile.production import production, serving
from tests.processes import free_port, running_cold, wait_until_alive

GUIDE = (HOME / "docs/operating.md").read_text()


@pytest.fixture
async def seeded(settings: Settings, demo_data: str) -> Settings:
    """Return the settings of a copy of the demo data."""
    name = f"haat_public_{new_id().hex}"
    await servers.create_database(name, demo_data)
    return settings.model_copy(update={"database_url": servers.url_of(name)})


def start(command: str, environment: dict[str, str]) -> tuple[int, str]:
    ran = subprocess.run(
        [sys.executable, str(HOME / "cli.py"), command],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return ran.returncode, " ".join((ran.stdout + ran.stderr).split())


async def run(settings: Settings, statements: str) -> int:
    """Run SQL, and return the number of demo accounts that are still open."""
    database = Database(settings.sqlalchemy_url)
    async with database.session() as session, session.begin():
        for statement in filter(str.strip, statements.split(";")):
            await session.execute(text(statement))
    async with database.session() as session:
        found = await count_open_accounts(session)
    await database.close()
    return found


async def test_production_refuses_to_start_with_demo_accounts(seeded: Settings) -> None:
    for command in ("serve", "worker", "check"):
        code, output = start(command, production(seeded))
        assert code == 2, output
        assert "accounts have the public password of the demo accounts." in output
        assert "Traceback" not in output


async def test_each_demo_account_counts_until_its_password_is_changed(seeded: Settings) -> None:
    admin = "UPDATE \"user\" SET password_hash = 'changed' WHERE role = 'ADMIN'"
    others = "UPDATE \"user\" SET password_hash = 'changed' WHERE role <> 'ADMIN'"
    assert await run(seeded, others) == 2
    assert await run(seeded, admin) == 0


async def test_an_admin_alone_is_not_enough(seeded: Settings) -> None:
    admin = "UPDATE \"user\" SET password_hash = 'changed' WHERE role = 'ADMIN'"
    assert await run(seeded, admin) > 1


async def test_the_documented_statements_disable_the_demo_accounts(seeded: Settings) -> None:
    section = GUIDE.partition("### Demo accounts")[2]
    statements = section.partition("```sql")[2].partition("```")[0]
    assert "UPDATE" in statements
    assert await run(seeded, statements) == 0
    with serving(production(seeded)):
        pass


async def test_development_starts_with_demo_accounts(seeded: Settings) -> None:
    with serving(production(seeded) | {"ENVIRONMENT": "development"}):
        pass


async def test_strangers_cannot_stop_the_start(world: World) -> None:
    """Registering addresses of the demo's domain with its password has no effect."""
    for name in ("customer", "someone"):
        user = await world.user(email=f"{name}@haat.example")
        user.password_hash = hash_password(PASSWORD)
        await world.save(user)
    async with world.database.session() as session:
        assert await count_open_accounts(session) == 0


def test_an_outage_is_not_taken_for_a_demo_account(settings: Settings) -> None:
    """The process starts; tests/outages/test_start.py shows that it works after the outage."""
    down = {"DATABASE_URL": f"postgresql://haat@127.0.0.1:{free_port()}/haat"}
    port = str(free_port())
    with running_cold("serve", **production(settings) | down | {"PORT": port}) as process:
        wait_until_alive(f"http://127.0.0.1:{port}")
        assert process.poll() is None
