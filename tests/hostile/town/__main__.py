"""`python -m tests.hostile.town`: measure other callers' latency during each attack."""

import argparse
import asyncio
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.table import Table
from sqlalchemy import text

from core.database import Database
from core.runtime.embedded import Servers, as_role, servers
from core.settings import Settings
from tests.hostile.production import COMMAND_LINE, production, serving
from tests.hostile.town.build import BUILD_SECONDS, grow
from tests.hostile.town.measurement import ALL, MAX_RATIO, AttackOutcome, measure
from tests.processes import done
from tests.servers import SUPERUSER

START_SECONDS, OTHER_SECONDS = 300, 90

console = Console(highlight=False, width=160)


def main() -> None:
    options = _parse_options()
    for number in (signal.SIGTERM, signal.SIGALRM):
        signal.signal(number, lambda *_: sys.exit("Stopped."))  # stops the servers too
    signal.alarm(START_SECONDS + len(options.attacks) * (int(2 * options.seconds) + OTHER_SECONDS))
    with tempfile.TemporaryDirectory(prefix="haat-town-") as folder, _town(Path(folder)) as url:
        outcomes = asyncio.run(measure(url, options.attacks, options.seconds))
    console.print(_table(outcomes))
    slow = [one.name for one in outcomes if one.ratio >= MAX_RATIO]
    if slow:
        console.print(f"p99 of others was {MAX_RATIO} times its quiet value or more: {slow}")
    sys.exit(bool(slow))


@contextmanager
def _town(folder: Path) -> Iterator[str]:
    """Start the servers with default limits, and build the town."""
    folder.chmod(0o755)  # PostgreSQL runs as another user if we are root
    with servers(folder) as running:
        settings = own_settings(folder, running)
        environment = production(settings, limited=True)
        console.print("Building a town of 200,000 offers ...")
        done("migrate", MIGRATIONS_URL=running.migrations_url, **environment)
        done("seed", **environment | {"ENVIRONMENT": "development"})
        asyncio.run(_grow(settings))
        with serving(environment, *COMMAND_LINE) as server:
            yield server.url


def own_settings(folder: Path, running: Servers) -> Settings:
    return Settings(
        environment="development",
        database_url=running.database_url,
        redis_url=running.redis_url,
        keys_file=folder / "keys.json",
        objects_folder=folder / "objects",
    )


async def _grow(settings: Settings) -> None:
    url = as_role(settings.sqlalchemy_url, SUPERUSER)
    database = Database(url, statement_seconds=BUILD_SECONDS)
    try:
        await grow(database)
        async with database.engine.begin() as connection:  # those of the demo data are public
            await connection.execute(text("UPDATE \"user\" SET password_hash = ''"))
    finally:
        await database.close()


def _table(outcomes: list[AttackOutcome]) -> Table:
    table = Table(
        "Attack", "Quiet: median, p99", "Attacked: median, p99, longest", "Ratio", "Attacker"
    )
    for one in outcomes:
        quiet, attacked = one.quiet, one.attacked
        table.add_row(
            one.name,
            f"{quiet.median:.0f}, {quiet.p99:.0f} ms",
            f"{attacked.median:.0f}, {attacked.p99:.0f}, {attacked.longest:.0f} ms",
            f"{one.ratio:.1f}",
            one.attacker,
        )
    return table


def _parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.hostile.town", description=__doc__)
    parser.add_argument("attacks", nargs="*", default=ALL, help=f"of: {', '.join(ALL)}")
    parser.add_argument("--seconds", type=float, default=10, metavar="N", help="of each side")
    options = parser.parse_args()
    if unknown := set(options.attacks) - set(ALL):
        parser.error(f"unknown attacks: {', '.join(sorted(unknown))}")
    return options


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
