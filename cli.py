"""The command line, `haat`."""

import asyncio
import json
import os
import socket
from functools import partial
from typing import Annotated
from urllib.parse import urljoin, urlsplit

import typer
from rich.progress import Progress, TaskID

from commands import admin, carriers, categories, erase, payments, start, tax_rates
from commands.check import check_all, report_invalid
from commands.connections import analyze_tables, check_database, database_problems
from commands.console import MISCONFIGURED, Commands, console, results, stop
from commands.key_list import describe_keys
from commands.keys import KeyChange, KeySetName, change_file
from commands.roles import prepare_migration
from core.clock import now
from core.database import JOB_STATEMENT_SECONDS, Database
from core.observability import logging
from core.runtime import migrations
from core.runtime.garbage import Freezer
from core.runtime.supervisor import run_together
from core.security.key_file import KeyFileInvalid, KeyNotRetirable, KeyNotRotatable
from core.security.signing_keys import SigningKeys
from core.settings import (
    HOME,
    DevelopmentSettings,
    ServerSettings,
    Settings,
    SettingsInvalid,
    read_settings,
)
from core.version import VERSION
from core.web.hosts import is_loopback
from demo.identity.accounts import ACCOUNTS, PASSWORD
from demo.operator import settings_of_operator
from gateways.storage.factory import create_storage
from web import server

main = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    help="Haat, a GraphQL server for a local marketplace. Settings are read from the environment"
    " and from `.env`. See `.env.example`.",
)
main.add_typer(admin.main, name="admin")
main.add_typer(categories.main, name="categories")
main.add_typer(tax_rates.main, name="tax-rates")
main.command(name="carrier-stand-in")(carriers.stand_in)
main.command(name=payments.NAME)(payments.stand_in)
KILL_AFTER_SECONDS = server.SHUTDOWN_SECONDS + 4


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"haat {VERSION}")
        raise typer.Exit


@main.callback()
def options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Declare the options of `haat` itself."""


@main.command()
def serve() -> None:
    """Serve the API on HOST:PORT with WORKERS processes. Requires DATABASE_URL and REDIS_URL.

    Without ENVIRONMENT=development it is for production.
    """
    settings = read_settings(ServerSettings)
    logging.configure(json=settings.logs_json)
    start.prepare(settings)
    start.raise_open_file_limit()
    server.run(settings)


@main.command()
def worker() -> None:
    """Run background jobs. You can run several workers."""
    from jobs.worker.process import work  # noqa: PLC0415 - serving needs no job queue

    settings = read_settings(ServerSettings)
    logging.configure(json=settings.logs_json)
    start.prepare(settings)
    start.ensure_heartbeat(settings)
    Freezer().start()
    asyncio.run(work(settings))


@main.command()
def dev() -> None:
    """Run everything locally: embedded servers, migrations, the demo data, the API and a worker.

    A worker that ends is started again. The end of the API ends the command.
    """
    from core.runtime.embedded import servers  # noqa: PLC0415 - other commands start no servers

    settings = read_settings(DevelopmentSettings)
    if not settings.development:
        stop("`haat dev` inserts demo data. Unset ENVIRONMENT, or run `haat serve`.")
    # At once: what answers on a port in use is not the API that is about to start.
    server.listen("HOST and PORT", settings.host, settings.port).close()
    os.environ["ENVIRONMENT"] = "development"  # for the processes that it starts
    with servers(
        HOME / ".haat",
        database_url=settings.database_url,
        migrations_url=settings.migrations_url,
        redis_url=settings.redis_url,
    ) as running:
        os.environ.update(running.environment())
        as_owner = partial(Settings.for_tools, migrations_url=running.migrations_url)
        _migrate(read_settings(as_owner))
        _seed_and_analyze(read_settings(), read_settings(as_owner))
        logging.configure(json=settings.logs_json)
        os.environ.update(settings_of_operator(settings))
        beside = payments.prepare_stand_in(settings)
        _serve_and_work(read_settings(), beside)


@main.command()
def migrate() -> None:
    """Upgrade the database to the newest migration. Concurrent runs are safe.

    Connects with MIGRATIONS_URL, and gives the role of DATABASE_URL its rights on all tables.
    """
    former = _migrate(read_settings(Settings.for_tools))
    newest = migrations.newest_migration()
    if migrations.lacks_migrations(former):
        results.print(f"Upgraded from {former or 'an empty database'} to migration {newest}.")
    else:
        results.print(f"Nothing to do: the database is at migration {former}.")


@main.command()
def check() -> None:
    """Check all settings, and try what they name: PostgreSQL, Redis, storage, mail, traces, keys.

    Exits with 0 if `haat serve` and `haat worker` can work, else with 2.
    """
    logging.configure(json=False)
    logging.silence()  # the printed lines have the reasons
    try:
        settings = read_settings(ServerSettings)
    except SettingsInvalid as error:
        report_invalid(error)
        raise typer.Exit(MISCONFIGURED) from error
    if not asyncio.run(check_all(settings)):
        raise typer.Exit(MISCONFIGURED)


@main.command()
def seed() -> None:
    """Insert the demo data, unless the database has users."""
    settings = read_settings()
    _seed_and_analyze(settings, settings)


@main.command()
def keys(
    rotate: Annotated[
        bool,
        typer.Option(
            help="Add a new key to each set but lookup, or to that of --purpose. It is used six"
            " minutes later, when every server has it. The old keys still verify tokens, and open"
            " sealed columns, which workers seal again."
        ),
    ] = False,
    retire: Annotated[
        str,
        typer.Option(
            metavar="KID",
            help="Remove a key. Its tokens are refused at once. A key that sealed columns need is"
            " not removed; this asks the database.",
        ),
    ] = "",
    purpose: Annotated[
        KeySetName | None, typer.Option(help="The set to rotate, or to remove the key from.")
    ] = None,
    encrypt: Annotated[
        bool, typer.Option(help="Encrypt the file with KEYS_SECRET, also if it is encrypted.")
    ] = False,
    list_: Annotated[
        bool,
        typer.Option(
            "--list", help="Print the purpose, the KID and the state of each key instead."
        ),
    ] = False,
) -> None:
    """Create, rotate or retire keys (KEYS_FILE), and print the public JWK set.

    A file of an earlier release is converted, and gets the sets that it lacks.
    """
    settings = read_settings(Settings.for_tools)
    start.ensure_keys(settings)
    try:
        sets = asyncio.run(change_file(settings, KeyChange(rotate, retire, encrypt, purpose)))
    except (KeyFileInvalid, KeyNotRetirable, KeyNotRotatable) as error:
        stop(str(error), error)
    except OSError as error:
        stop(f"KEYS_FILE: {error}. Correct the path, or its permissions.", error)
    typer.echo(
        describe_keys(sets, now().timestamp()) if list_ else json.dumps(sets.public(), indent=2)
    )


@main.command("erase")
def erase_(
    replay: Annotated[
        bool, typer.Option("--replay", help="Erase the accounts of the ledger that exist again.")
    ] = False,
) -> None:
    """Erase accounts again that a restore of the database brought back. Run it before `haat serve`.

    The object storage has a copy of the ledger, which is newer than the restored one.
    """
    if not replay:
        stop("Give --replay. Accounts are erased by `haat worker`, when their time has come.")
    settings = read_settings(Settings.for_tools)
    start.ensure_keys(settings)
    erased = erase.replay(settings)
    for user_id in erased:
        typer.echo(str(user_id))
    results.print(f"Erased {len(erased)} accounts again.")


@main.command()
def schema(
    write: Annotated[bool, typer.Option(help="Write it to schema/schema.graphql instead.")] = False,
    release: Annotated[
        bool,
        typer.Option(
            help="Write it to schema/released.graphql, unless it breaks released clients."
        ),
    ] = False,
) -> None:
    """Print the GraphQL schema as SDL."""
    from app import create_schema  # noqa: PLC0415 - the other commands need no schema
    from tools import artifacts  # noqa: PLC0415 - as above
    from tools.sdl import sdl  # noqa: PLC0415 - as above

    built = create_schema(read_settings(Settings.for_tools))
    if write:
        artifacts.write_schema(built)
    if release and (problems := artifacts.release(built, now().date())):
        for problem in problems:
            console.print(f"[red]{problem}[/]")
        raise typer.Exit(1)
    if not (write or release):
        typer.echo(sdl(built), nl=False)


@main.command()
def docs() -> None:
    """Write the documents that are generated from the code, such as docs/schema.md."""
    from app import create_schema  # noqa: PLC0415 - the other commands need no schema
    from tools import artifacts  # noqa: PLC0415 - as above

    for path in artifacts.write_documents(create_schema(read_settings(Settings.for_tools))):
        results.print(str(path.relative_to(HOME)))


def _migrate(settings: Settings) -> str:
    """Upgrade the database. Returns its former revision, or nothing."""
    planned = asyncio.run(prepare_migration(settings))
    with database_problems(settings, as_owner=True):
        migrations.migrate(settings, planned.application_role, lambda: start.read_sealer(settings))
    return planned.former


def _seed_and_analyze(settings: Settings, as_owner: Settings) -> None:
    if not settings.development:
        stop("The demo accounts have public passwords. Set ENVIRONMENT=development to seed.")
    start.ensure_keys(settings)
    if not asyncio.run(check_database(settings)).is_migrated:
        stop("The database lacks migrations. Run `haat migrate` first.")
    if asyncio.run(_seed(settings)):
        asyncio.run(analyze_tables(as_owner))
        results.print("Demo data inserted.")


async def _seed(settings: Settings) -> bool:
    from demo.seed import is_empty, seed_database  # noqa: PLC0415 - serving needs no demo data

    database = Database(settings.sqlalchemy_url, statement_seconds=JOB_STATEMENT_SECONDS)
    try:
        async with database.session() as session:
            if not await is_empty(session):
                return False
        with Progress(console=console, transient=True) as bar:
            tasks: dict[str, TaskID] = {}

            def progress(what: str, done: int, total: int) -> None:
                if what not in tasks:
                    tasks[what] = bar.add_task(what, total=total)
                bar.update(tasks[what], completed=done, total=total)

            keys = SigningKeys.load(settings.keys_file, settings.file_secrets)
            objects = create_storage(settings, keys)
            await objects.start()
            try:
                terminal = payments.open_terminal(settings)
                await seed_database(database, keys, objects, progress, terminal)
                if terminal:
                    terminal.save()
            finally:
                await objects.stop()
        return True
    finally:
        await database.close()


def _serve_and_work(settings: Settings, beside: tuple[str, ...]) -> None:
    def is_ready() -> bool:
        try:
            with socket.create_connection((settings.reachable_host, settings.port), timeout=0.2):
                return True
        except OSError:
            return False

    code = run_together(
        "serve",
        restarted=("worker", *beside),
        is_ready=is_ready,
        on_ready=lambda: _print_greeting(settings),
        stop_seconds=KILL_AFTER_SECONDS,
    )
    if code:
        raise typer.Exit(code)


def _print_greeting(settings: Settings) -> None:
    console.print(
        f"\n[bold]Haat is running.[/]  {settings.address}/\n"
        f"  GraphiQL     {settings.address}/graphql\n"
        f"  accounts     {', '.join(one.email for one in ACCOUNTS)}\n"
        f"  password     {PASSWORD}\n"
        f"{_payments_line(settings)}"
        "  Press Ctrl-C to stop.\n"
    )


def _payments_line(settings: Settings) -> str:
    for url in (settings.stripe_url, settings.paystack_url):
        if is_loopback(urlsplit(url).hostname):
            return f"  payments     {urljoin(url, '/')} with test cards\n"
    return ""


if __name__ == "__main__":
    main()
