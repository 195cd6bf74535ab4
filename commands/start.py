"""Checks before a server or a worker starts, so that a wrong setting does not fail a request."""

import asyncio
import resource
from collections.abc import Coroutine
from typing import Any

from rich.markup import escape

from commands.connections import Unreachable, check_redis, database_problems, read_database_state
from commands.console import console
from core.database import Database
from core.runtime.health import beat
from core.runtime.private_files import keep_new_files_private, make_private
from core.security.key_file import KeyFile, KeyFileInvalid, KeySets, KeysSecretRefused
from core.security.sealed import Sealer
from core.security.secret_keys import SecretKeys
from core.security.signing_keys import SigningKeys
from core.settings import Settings, SettingsInvalid
from demo.identity.public_passwords import count_open_accounts
from gateways.storage.base import StorageMisconfigured, StorageUnreachable
from gateways.storage.factory import create_storage

REPLICA = "DATABASE_URL names a replica, which refuses writes. Name the primary server."
MAX_OPEN_FILES = 65_536
CHECK_SECONDS = 10


def prepare(settings: Settings) -> None:
    """Run all checks. Raises `SettingsInvalid`; an outage is only a warning."""
    keep_files_private(settings)
    ensure_keys(settings)
    warn_of_open_keys(settings)
    warn_of_sender(settings)
    ensure_storage(settings)
    asyncio.run(_check_servers(settings))


async def _check_servers(settings: Settings) -> None:
    await _warn_of_outage(check_redis(settings), "Haat runs without Redis until it is back.")
    await _warn_of_outage(
        _check_database(settings),
        "Haat starts, and answers UNAVAILABLE until it is back. Demo accounts were not looked for.",
    )


async def _warn_of_outage(check: Coroutine[Any, Any, object | None], then: str) -> None:
    """Go on without a server that does not answer: a restart must survive an outage."""
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            await check
    except (Unreachable, TimeoutError) as error:
        console.print(f"[yellow]{escape(str(error) or 'No answer in time.')} {then}[/]")


async def _check_database(settings: Settings) -> None:
    """Refuse a replica, and a demo account that anyone can sign in to."""
    database = Database(settings.sqlalchemy_url, pool=1)
    try:
        with database_problems(settings):
            async with database.session() as session:
                state = await read_database_state(session)
            if state.is_replica:
                raise Unreachable(REPLICA)  # also in the course of a failover
            if not state.is_migrated:
                console.print("[yellow]The database lacks migrations. Run `haat migrate`.[/]")
                return
    finally:
        await database.close()
    await ensure_no_open_account(settings)


async def ensure_no_open_account(settings: Settings) -> None:
    """Refuse in production a demo account with its public password."""
    if settings.development:
        return
    database = Database(settings.sqlalchemy_url, pool=1)
    try:
        with database_problems(settings):
            async with database.session() as session:
                users = await count_open_accounts(session)
    finally:
        await database.close()
    if users:
        raise SettingsInvalid(
            f"{users} accounts have the public password of the demo accounts. Use a database"
            " without demo data, or disable them: see “Demo accounts” in docs/operating.md."
        )


def ensure_keys(settings: Settings) -> None:
    """Create missing keys in development. In production they must exist, and be readable."""
    file = KeyFile(settings.keys_file, settings.file_secrets)
    try:
        if settings.keys_file.exists():
            sets = file.read()
            if sets.secrets.missing and settings.development:
                file.write(sets.separated().completed())
            elif sets.secrets.missing:
                raise SettingsInvalid(describe_missing(sets.secrets))
        elif settings.development:
            SigningKeys.generate().save(settings.keys_file, settings.file_secrets)
        else:
            raise SettingsInvalid(
                f"KEYS_FILE: {settings.keys_file} is missing. Create it with `haat keys`."
            )
    except KeysSecretRefused as error:
        raise SettingsInvalid(str(error)) from error
    except (OSError, KeyFileInvalid) as error:
        raise SettingsInvalid(f"KEYS_FILE: {error}. Correct the path or the file.") from error


def read_sealer(settings: Settings) -> Sealer:
    """Return what seals values with the keys of the servers. Raises `SettingsInvalid`.

    Creates no keys: what they seal could not be read by servers with others.
    """
    sets = read_keys(settings)
    if sets.secrets.missing:
        raise SettingsInvalid(describe_missing(sets.secrets))
    return Sealer(SigningKeys(sets))


def read_keys(settings: Settings) -> KeySets:
    """Read the file of keys. Raises `SettingsInvalid`."""
    path = settings.keys_file
    try:
        return KeyFile(path, settings.file_secrets).read()
    except FileNotFoundError as error:
        raise SettingsInvalid(
            f"KEYS_FILE: {path} is missing. Create it with `haat keys`."
        ) from error
    except KeysSecretRefused as error:
        raise SettingsInvalid(str(error)) from error
    except (OSError, KeyFileInvalid) as error:
        raise SettingsInvalid(f"KEYS_FILE: {error}") from error


def warn_of_open_keys(settings: Settings) -> None:
    """Warn in production of keys that anyone with a copy of the file can use."""
    if not settings.development and (advice := advise_encryption(settings)):
        console.print(f"[yellow]{escape(advice)}[/]")


def warn_of_sender(settings: Settings) -> None:
    """Warn in production of a sender whose mails are refused."""
    if not settings.development and (advice := advise_sender(settings)):
        console.print(f"[yellow]{escape(advice)}[/]")


def advise_sender(settings: Settings) -> str:
    """Return how to choose the sender of mails, nothing if one was chosen."""
    if settings.mail_from != Settings.model_fields["mail_from"].default:
        return ""
    return (
        "MAIL_FROM is an address of haat.example, so mail servers refuse what it sends."
        " Set it to an address of your domain."
    )


def advise_encryption(settings: Settings) -> str:
    """Return how to encrypt the file with KEYS_SECRET, nothing if it is. The file must be valid."""
    file = KeyFile(settings.keys_file, settings.file_secrets)
    file.read()
    if file.is_encrypted:
        return ""
    if not settings.keys_secret:
        return "KEYS_FILE is not encrypted. Set KEYS_SECRET, and run `haat keys --encrypt`."
    return (
        "KEYS_FILE is not encrypted with KEYS_SECRET. Run `haat keys --encrypt`, and copy the file"
        " to every server and worker."
    )


def describe_missing(secrets: SecretKeys) -> str:
    names = " and ".join(secrets.missing)
    return (
        f"KEYS_FILE: the file is of an earlier release, without {names} keys. Run `haat keys`, and"
        " copy the file to every server and worker."
    )


def ensure_heartbeat(settings: Settings) -> None:
    try:
        beat(settings.heartbeat_file)
    except OSError as error:
        raise SettingsInvalid(
            f"HEARTBEAT_FILE: {error}. Name a file that the worker may write."
        ) from error


def raise_open_file_limit() -> None:
    """Raise the limit of open files: each socket is one, and the default is often 1,024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(MAX_OPEN_FILES, hard)), hard))


def keep_files_private(settings: Settings) -> None:
    """Write files for this user only, and restrict those of earlier releases.

    What belongs to another user, such as a mounted secret, is left as it is.
    """
    keep_new_files_private()
    for path in (settings.keys_file, settings.outbox, settings.objects_folder):
        try:
            make_private(path)
        except OSError as error:
            console.print(f"[yellow]{path} may be readable by other users: {error}[/]")


async def check_storage(settings: Settings) -> None:
    """Raise `StorageMisconfigured` if uploads can never work."""
    objects = create_storage(settings, SigningKeys.load(settings.keys_file, settings.file_secrets))
    await objects.start()
    try:
        await objects.ensure_usable()
    finally:
        await objects.stop()


def ensure_storage(settings: Settings) -> None:
    try:
        asyncio.run(check_storage(settings))
    except StorageMisconfigured as error:
        raise SettingsInvalid(str(error)) from error
    except StorageUnreachable as error:
        console.print(f"[yellow]{escape(str(error))} Uploads fail until it is back.[/]")
