"""`haat`: run the server, the worker and everything around them."""

import asyncio
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
from typing import Annotated

import typer
import uvicorn
from alembic import command
from alembic.config import Config
from pydantic import ValidationError
from rich.console import Console
from rich.progress import Progress, TaskID

from core import logging
from core.clock import now
from core.database import Database
from core.settings import HOME, Settings
from core.signing_keys import SigningKeys
from demo.accounts import ACCOUNTS, PASSWORD
from gateways.storage.base import StorageMisconfigured
from gateways.storage.factory import create_storage
from web.body_limit import MAX_BODY_BYTES
from web.uvicorn_protocols import HTTPConnection, WebSocketConnection

main = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Haat, a GraphQL server for a local marketplace. Settings come from the environment"
    " and from `.env`; `.env.example` explains each.",
)
say = Console(stderr=True)
GRACE_SECONDS = 8
OPEN_FILES = 65_536
IDLE_SECONDS = 75  # longer than clients and balancers keep theirs, or they write to a closed one


@main.command()
def serve() -> None:
    """Serve the API on HOST:PORT with WORKERS processes. Needs DATABASE_URL and REDIS_URL."""
    settings = _settings()
    _ensure_keys(settings)
    _ensure_objects(settings)
    _allow_sockets()
    uvicorn.run(
        "app:create_app",
        factory=True,
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        log_config=None,
        proxy_headers=True,
        forwarded_allow_ips=settings.trusted_proxies,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
        timeout_keep_alive=IDLE_SECONDS,
        ws_max_size=MAX_BODY_BYTES,
        ws_per_message_deflate=False,  # one encoded message for many sockets, and no window each
        http=HTTPConnection,
        ws=WebSocketConnection,
    )


@main.command()
def worker() -> None:
    """Run durable jobs: offers that end, mail, housekeeping. Start as many as you like."""
    from jobs.worker import work  # noqa: PLC0415 - serving needs no job queue

    settings = _settings()
    logging.configure(json=settings.logs_json)
    _ensure_keys(settings)
    _ensure_objects(settings)
    asyncio.run(work(settings))


@main.command()
def dev() -> None:
    """Run everything locally: embedded servers, migrations, the demo data, the API and a worker."""
    from core.embedded import servers  # noqa: PLC0415 - only here does anything start a server

    settings = _settings()
    with servers(
        HOME / ".haat", database_url=settings.database_url, redis_url=settings.redis_url
    ) as running:
        os.environ.update(running.environment())
        migrate()
        seed()
        _supervise(_settings(), "serve", "worker")


@main.command()
def migrate() -> None:
    """Bring the database to the newest migration. Safe to run from many places at once."""
    settings = _settings()
    config = Config(HOME / "alembic.ini")
    config.set_main_option("sqlalchemy.url", settings.sqlalchemy_url.replace("%", "%%"))
    command.upgrade(config, "head")


@main.command()
def seed() -> None:
    """Insert the demo data into an empty database. Does nothing if the database has users."""
    settings = _settings()
    if not settings.development:
        say.print(
            "[red]The demo accounts have public passwords. Set ENVIRONMENT=development to seed.[/]"
        )
        raise typer.Exit(2)
    _ensure_keys(settings)
    if asyncio.run(_seed(settings)):
        say.print("Demo data inserted.")


@main.command()
def keys(
    rotate: Annotated[
        bool, typer.Option(help="Put a new signing key in front; the others still verify.")
    ] = False,
) -> None:
    """Make the signing keys (KEYS_FILE), or rotate them. Prints the public JWK set."""
    settings = _settings()
    _ensure_keys(settings)
    if rotate:
        SigningKeys.load(settings.keys_file).rotated().save(settings.keys_file)
    typer.echo(json.dumps(SigningKeys.load(settings.keys_file).public(), indent=2))


@main.command()
def schema(
    write: Annotated[bool, typer.Option(help="Write schema/schema.graphql instead.")] = False,
    release: Annotated[
        bool, typer.Option(help="Promise it to clients: write schema/released.graphql.")
    ] = False,
) -> None:
    """Print the GraphQL schema."""
    from app import create_schema  # noqa: PLC0415 - the other commands need no schema
    from tools import artifacts  # noqa: PLC0415
    from tools.sdl import sdl  # noqa: PLC0415

    built = create_schema(_settings())
    if write:
        artifacts.write(built)
    if release and (problems := artifacts.release(built, now().date())):
        for problem in problems:
            say.print(f"[red]{problem}[/]")
        raise typer.Exit(1)
    if not (write or release):
        typer.echo(sdl(built), nl=False)


@main.command()
def docs() -> None:
    """Write the documents that are made from the code: docs/errors.md, limits.md, schema.md."""
    from app import create_schema  # noqa: PLC0415 - the other commands need no schema
    from tools import artifacts  # noqa: PLC0415

    for path in artifacts.write_documents(create_schema(_settings())):
        say.print(str(path.relative_to(HOME)))


def _settings() -> Settings:
    try:
        return Settings()
    except ValidationError as error:
        for problem in error.errors():
            name = ".".join(map(str, problem["loc"])).upper()
            say.print(f"[red]{name or 'Settings'}: {problem['msg']}[/]")
        raise typer.Exit(2) from error


def _ensure_keys(settings: Settings) -> None:
    """Keys of one's own for development; in production they must be there."""
    if settings.keys_file.exists():
        return
    if not settings.development and sys.argv[1:2] != ["keys"]:
        say.print(f"[red]KEYS_FILE: {settings.keys_file} is missing. Make it with `haat keys`.[/]")
        raise typer.Exit(2)
    SigningKeys.generate().save(settings.keys_file)


def _allow_sockets() -> None:
    """Each is an open file, of which most systems allow 1,024 until more are asked for."""
    allowed, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(allowed, min(OPEN_FILES, most)), most))


def _ensure_objects(settings: Settings) -> None:
    """A store that refuses us is told of here, not to the first who sends a file."""

    async def ask() -> None:
        objects = create_storage(settings, SigningKeys.load(settings.keys_file))
        await objects.start()
        try:
            await objects.ensure_usable()
        finally:
            await objects.stop()

    try:
        asyncio.run(ask())
    except StorageMisconfigured as error:
        say.print(f"[red]{error}[/]")
        raise typer.Exit(2) from error


async def _seed(settings: Settings) -> bool:
    from demo.seed import is_empty, seed_database  # noqa: PLC0415 - serving needs no demo data

    database = Database(settings.sqlalchemy_url)
    try:
        async with database.session() as session:
            if not await is_empty(session):
                return False
        with Progress(console=say, transient=True) as bar:
            lines: dict[str, TaskID] = {}

            def progress(what: str, done: int, total: int) -> None:
                if what not in lines:
                    lines[what] = bar.add_task(what, total=total)
                bar.update(lines[what], completed=done, total=total)

            await seed_database(database, SigningKeys.load(settings.keys_file), progress)
        return True
    finally:
        await database.close()


def _supervise(settings: Settings, *commands: str) -> None:
    """Run commands until one ends or we are told to stop; then stop them all, gently."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    running = [
        subprocess.Popen([sys.executable, str(HOME / "cli.py"), name], start_new_session=True)  # noqa: S603
        for name in commands
    ]
    greeted = False
    while not stop.wait(0.3) and all(child.poll() is None for child in running):
        if not greeted and _answers(settings):
            greeted = True
            _greet(settings)
    failed = [child.returncode for child in running if child.poll()]
    for child in running:
        child.terminate()
    for child in running:
        try:
            child.wait(GRACE_SECONDS + 4)
        except subprocess.TimeoutExpired:
            child.kill()
    if failed:
        raise typer.Exit(failed[0])


def _answers(settings: Settings) -> bool:
    try:
        with socket.create_connection((settings.reachable_host, settings.port), timeout=0.2):
            return True
    except OSError:
        return False


def _greet(settings: Settings) -> None:
    say.print(
        f"\n[bold]Haat is open.[/]  {settings.address}/\n"
        f"  GraphiQL     {settings.address}/graphql\n"
        f"  accounts     {', '.join(one.email for one in ACCOUNTS)}\n"
        f"  password     {PASSWORD}\n"
        "  Ctrl-C stops everything that was started.\n"
    )


if __name__ == "__main__":
    main()
