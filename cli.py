"""The command line, `haat`."""

import asyncio
import json
import os
import resource
import socket
from collections.abc import Callable
from typing import Annotated, NoReturn

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, TaskID

from core.clock import now
from core.database import JOB_STATEMENT_SECONDS, Database
from core.observability import logging
from core.outages import DATABASE_ERRORS
from core.runtime import migrations
from core.runtime.private_files import keep_new_files_private, make_private
from core.runtime.supervisor import run_together
from core.security.key_file import KeyFile, KeyFileInvalid, KeyNotRetirable, Purpose
from core.security.signing_keys import SigningKeys
from core.settings import HOME, DevelopmentSettings, Settings
from demo.accounts import ACCOUNTS, PASSWORD
from demo.public_passwords import find_open_account
from gateways.storage.base import StorageMisconfigured
from gateways.storage.factory import create_storage
from web import server

main = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Haat, a GraphQL server for a local marketplace. Settings are read from the environment"
    " and from `.env`. See `.env.example`.",
)
console = Console(stderr=True)
KILL_AFTER_SECONDS = server.SHUTDOWN_SECONDS + 4
MAX_OPEN_FILES = 65_536
CHECK_SECONDS = 10


@main.command()
def serve() -> None:
    """Serve the API on HOST:PORT with WORKERS processes. Requires DATABASE_URL and REDIS_URL.

    Without ENVIRONMENT=development it is for production.
    """
    settings = _settings()
    _keep_files_private(settings)
    _ensure_keys(settings)
    _ensure_storage(settings)
    _ensure_no_public_passwords(settings)
    _raise_open_file_limit()
    server.run(settings)


@main.command()
def worker() -> None:
    """Run background jobs. You can run several workers."""
    from jobs.worker import work  # noqa: PLC0415 - serving needs no job queue

    settings = _settings()
    logging.configure(json=settings.logs_json)
    _keep_files_private(settings)
    _ensure_keys(settings)
    _ensure_storage(settings)
    _ensure_no_public_passwords(settings)
    asyncio.run(work(settings))


@main.command()
def dev() -> None:
    """Run everything locally: embedded servers, migrations, the demo data, the API and a worker.

    A worker that ends is started again. The end of the API ends the command.
    """
    from core.runtime.embedded import servers  # noqa: PLC0415 - other commands start no servers

    settings = _settings(DevelopmentSettings)
    if not settings.development:
        _stop("`haat dev` inserts demo data. Unset ENVIRONMENT, or run `haat serve`.")
    os.environ["ENVIRONMENT"] = "development"  # for the processes that it starts
    with servers(
        HOME / ".haat", database_url=settings.database_url, redis_url=settings.redis_url
    ) as running:
        os.environ.update(running.environment())
        migrate()
        seed()
        logging.configure(json=settings.logs_json)
        _serve_and_work(_settings())


@main.command()
def migrate() -> None:
    """Upgrade the database to the newest migration. Concurrent runs are safe."""
    migrations.migrate(_settings(Settings.for_tools))


@main.command()
def seed() -> None:
    """Insert the demo data, unless the database has users."""
    settings = _settings()
    if not settings.development:
        _stop("The demo accounts have public passwords. Set ENVIRONMENT=development to seed.")
    _ensure_keys(settings)
    if asyncio.run(_seed(settings)):
        console.print("Demo data inserted.")


@main.command()
def keys(
    rotate: Annotated[
        bool,
        typer.Option(
            help="Add a new signing key to each set, or to that of --purpose. It signs six minutes"
            " later, when every server has it. The old keys still verify tokens."
        ),
    ] = False,
    retire: Annotated[
        str, typer.Option(metavar="KID", help="Remove a key. Its tokens are refused at once.")
    ] = "",
    purpose: Annotated[
        Purpose | None, typer.Option(help="The set to rotate, or to remove the key from.")
    ] = None,
) -> None:
    """Create, rotate or retire the signing keys (KEYS_FILE), and print the public JWK set.

    A file of an earlier release, with one set for all purposes, is converted.
    """
    settings = _settings(Settings.for_tools)
    _ensure_keys(settings)
    try:
        sets = before = KeyFile(settings.keys_file).read()
        sets = sets.separated()
        if rotate:
            for one in [purpose] if purpose else Purpose:
                sets = sets.rotated(one)
        if retire:
            sets = sets.retired(retire, purpose)
    except (KeyFileInvalid, KeyNotRetirable) as error:
        console.print(f"[red]{error}[/]")
        raise typer.Exit(2) from error
    if sets is not before:
        KeyFile(settings.keys_file).write(sets)
    typer.echo(json.dumps(sets.public(), indent=2))


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
    from tools import artifacts  # noqa: PLC0415
    from tools.sdl import sdl  # noqa: PLC0415

    built = create_schema(_settings(Settings.for_tools))
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
    """Write the documents generated from the code: docs/errors.md, limits.md, schema.md."""
    from app import create_schema  # noqa: PLC0415 - the other commands need no schema
    from tools import artifacts  # noqa: PLC0415

    for path in artifacts.write_documents(create_schema(_settings(Settings.for_tools))):
        console.print(str(path.relative_to(HOME)))


def _settings(read: Callable[[], Settings] = Settings) -> Settings:
    try:
        return read()
    except ValidationError as error:
        for problem in error.errors():
            name = ".".join(map(str, problem["loc"])).upper()
            console.print(f"[red]{name or 'Settings'}: {escape(problem['msg'])}[/]")
        if "in production" in str(error):
            console.print(
                "ENVIRONMENT is production unless set. For development, run `haat dev`, or set"
                " ENVIRONMENT=development."
            )
        raise typer.Exit(2) from error


def _stop(problem: str) -> NoReturn:
    console.print(f"[red]{escape(problem)}[/]")
    raise typer.Exit(2)


def _ensure_keys(settings: Settings) -> None:
    """Create missing keys in development. In production they must exist, and be readable."""
    if settings.keys_file.exists():
        try:
            KeyFile(settings.keys_file).read()
        except (OSError, KeyFileInvalid) as error:
            console.print(f"[red]KEYS_FILE: {error}[/]")
            raise typer.Exit(2) from error
        return
    if not settings.development:
        _stop(f"KEYS_FILE: {settings.keys_file} is missing. Create it with `haat keys`.")
    SigningKeys.generate().save(settings.keys_file)


def _raise_open_file_limit() -> None:
    """Raise the limit of open files: each socket is one, and the default is often 1,024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(MAX_OPEN_FILES, hard)), hard))


def _keep_files_private(settings: Settings) -> None:
    """Write files for this user only, and restrict those of earlier releases.

    What belongs to another user, such as a mounted secret, is left as it is.
    """
    keep_new_files_private()
    for path in (settings.keys_file, settings.outbox, settings.objects_folder):
        try:
            make_private(path)
        except OSError as error:
            console.print(f"[yellow]{path} may be readable by other users: {error}[/]")


def _ensure_storage(settings: Settings) -> None:
    """Check the storage at startup, so that a wrong setting does not fail the first upload."""

    async def check() -> None:
        objects = create_storage(settings, SigningKeys.load(settings.keys_file))
        await objects.start()
        try:
            await objects.ensure_usable()
        finally:
            await objects.stop()

    try:
        asyncio.run(check())
    except StorageMisconfigured as error:
        _stop(str(error))


def _ensure_no_public_passwords(settings: Settings) -> None:
    """Stop a production process if a demo account still has its public password.

    If the database cannot be asked, the check is left out: a worker must survive an outage, and
    without the database there is no log-in either. The next start checks again.
    """
    if settings.development:
        return

    async def find() -> str | None:
        database = Database(settings.sqlalchemy_url)
        try:
            async with asyncio.timeout(CHECK_SECONDS), database.session() as session:
                return await find_open_account(session)
        except DATABASE_ERRORS as error:
            console.print(f"Demo accounts were not looked for: {type(error).__name__}.")
            return None
        finally:
            await database.close()

    if email := asyncio.run(find()):
        _stop(
            f"{email} has the public password of the demo accounts. Use a database without demo"
            " data, or disable them: see “Demo accounts” in docs/operating.md."
        )


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

            keys = SigningKeys.load(settings.keys_file)
            objects = create_storage(settings, keys)
            await objects.start()
            try:
                await seed_database(database, keys, objects, progress)
            finally:
                await objects.stop()
        return True
    finally:
        await database.close()


def _serve_and_work(settings: Settings) -> None:
    def is_ready() -> bool:
        try:
            with socket.create_connection((settings.reachable_host, settings.port), timeout=0.2):
                return True
        except OSError:
            return False

    code = run_together(
        "serve",
        restarted=("worker",),
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
        "  Press Ctrl-C to stop.\n"
    )


if __name__ == "__main__":
    main()
