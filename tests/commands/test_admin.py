"""`haat admin`: links for admins, and their removal."""

from pathlib import Path

import pytest
from sqlmodel import col, select

from core.database import Database
from core.security.key_file import NOT_ENCRYPTED
from core.security.random_secrets import hash_secret
from core.security.signing_keys import SigningKeys
from core.settings import Settings
from models.audit import AuditEntry, AuditOutcome
from models.identity.accounts import Role
from models.identity.admin_invitations import AdminInvitation
from tests import servers
from tests.client import Client
from tests.commands.installation import Installation
from tests.factories.emails import email_of
from tests.factories.identity import PASSWORD
from tests.factories.world import World

LINK = "/auth/admin#"


@pytest.fixture
async def installation(tmp_path: Path, database_url: str, settings: Settings) -> Installation:
    """Return an installation with the keys of `world`."""
    return await Installation.create(tmp_path, database_url, KEYS_FILE=str(settings.keys_file))


async def acts(database: Database) -> list[tuple[str, str]]:
    """Return the acts that were done. Refusals of earlier tests are stored later."""
    rows = select(AuditEntry.act, AuditEntry.actor_kind).order_by(col(AuditEntry.id))
    async with database.session() as session:
        done = await session.exec(rows.where(AuditEntry.outcome == AuditOutcome.DONE))
        return [(str(act), str(kind)) for act, kind in done]


async def test_create_prints_a_link_that_replaces_the_former(
    world: World, database: Database, installation: Installation, api: Client
) -> None:
    user = await world.user()
    links = []
    for email in (email_of(user), f"  {email_of(user).upper()} "):
        ran = await installation.run("admin", "create", email)
        assert ran.status == 0, ran.errors
        (link,) = ran.lines
        assert link.startswith(f"{installation.url}{LINK}")
        links.append(link.partition("#")[2])
    async with database.session() as session:
        (invitation,) = (await session.exec(select(AdminInvitation))).all()
    assert invitation.token_hash == hash_secret(links[1])
    first, second = ({"token": token, "password": PASSWORD} for token in links)
    assert await api.refusal_codes("acceptAdminInvitation", first) == ["INVITATION_ENDED"]
    assert await api.refusal_codes("acceptAdminInvitation", second) == []
    assert (await world.fresh(user)).role is Role.ADMIN
    assert await acts(database) == [
        ("INVITE_ADMIN", "SYSTEM"),
        ("INVITE_ADMIN", "SYSTEM"),
        ("CHANGE_ROLE", "USER"),
    ]
    again = await installation.run("admin", "create", email_of(user))
    assert (again.status, again.output) == (0, "")
    assert "is an admin already" in again.errors


async def test_list_and_remove(
    world: World, database: Database, installation: Installation
) -> None:
    empty = await installation.run("admin", "list")
    assert (empty.status, empty.output) == (0, "")
    assert "haat admin create" in empty.errors
    first, last, user = await world.admin(), await world.admin(), await world.user()
    emails = sorted([email_of(first), email_of(last)])
    assert [
        line.split("\t")[0] for line in (await installation.run("admin", "list")).lines
    ] == emails
    assert (await installation.run_process("admin", "remove", email_of(first))).status == 0
    assert (await world.fresh(first)).role is Role.USER
    assert await acts(database) == [("CHANGE_ROLE", "SYSTEM")]
    for email, problem in (
        (email_of(last), "is the last admin"),
        (email_of(first), "is no admin"),
        (email_of(user), "is no admin"),
        ("unknown@haat.example", "is no admin"),
    ):
        refused = await installation.run("admin", "remove", email)
        assert (refused.status, problem in refused.errors) == (2, True)
        assert "Traceback" not in refused.errors
    assert (await world.fresh(last)).role is Role.ADMIN


async def test_remove_an_admin_without_an_address(world: World, installation: Installation) -> None:
    kept = await world.admin()
    admin = await world.user(role=Role.ADMIN, email=None, password_hash=None)
    lines = [line.split("\t") for line in (await installation.run("admin", "list")).lines]
    assert ["-", admin.name, str(admin.id)] in lines
    assert (await installation.run("admin", "remove", str(admin.id))).status == 0
    assert (await world.fresh(admin)).role is Role.USER
    for id, problem in ((admin.id, "is no admin"), (kept.id, "is the last admin")):
        refused = await installation.run("admin", "remove", str(id))
        assert (refused.status, problem in refused.errors) == (2, True)


async def test_remove_ends_an_open_link(
    world: World, installation: Installation, api: Client
) -> None:
    await world.admin()
    user = await world.user()
    token = (await installation.run("admin", "create", email_of(user))).output.strip().split("#")[1]
    assert (await installation.run("admin", "remove", email_of(user))).status == 0
    given = {"token": token, "password": PASSWORD}
    assert await api.refusal_codes("acceptAdminInvitation", given) == ["INVITATION_ENDED"]


async def test_list_with_the_keys_of_another_installation(
    world: World, installation: Installation, tmp_path: Path
) -> None:
    await world.admin()
    SigningKeys.generate().save(tmp_path / "others.json", NOT_ENCRYPTED)
    ran = await installation.run("admin", "list", KEYS_FILE=str(tmp_path / "others.json"))
    assert (ran.status, ran.output) == (2, "")
    assert "KEYS_FILE is not the file of the servers. There is no field key" in ran.errors
    ran = await installation.run("admin", "list", KEYS_FILE=str(tmp_path / "none.json"))
    assert (ran.status, "is missing. Create it" in " ".join(ran.errors.split())) == (2, True)


COMMANDS = (["admin", "create", "a@haat.example"], ["admin", "list"], ["admin", "remove", "a@b.de"])


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
async def test_a_database_that_is_not_ready(
    tmp_path: Path, worker_id: str, command: list[str]
) -> None:
    name = f"haat_unmigrated_{worker_id}_{command[1]}"
    await servers.create_database(name)
    away = "postgresql://haat@127.0.0.1:1/haat"
    for url, problem in ((servers.url_of(name), "haat migrate"), (away, "DATABASE_URL")):
        ran = await (await Installation.create(tmp_path, url)).run(*command)
        assert ran.status == 2
        (line,) = ran.errors.splitlines()
        assert problem in line


@pytest.mark.parametrize("email", ["", "asha", "Asha <asha@haat.example>", "x" * 300])
async def test_what_is_no_address(installation: Installation, email: str) -> None:
    ran = await installation.run("admin", "create", email)
    assert ran.status == 2
    assert "is no email address" in ran.errors


async def test_create_needs_the_settings_of_production(installation: Installation) -> None:
    ran = await installation.run("admin", "create", "a@haat.example", PUBLIC_URL="")
    assert ran.status == 2
    assert "PUBLIC_URL" in ran.errors
