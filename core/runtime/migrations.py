"""Database migrations with Alembic."""

from collections.abc import Callable
from functools import cache

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from core.security.sealed import Sealer
from core.settings import HOME, Settings


def newest_migration() -> str:
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def lacks_migrations(found: str | None) -> bool:
    """Return whether a database at this revision lacks migrations of this release.

    An unknown revision is one of a newer release: during a rolling upgrade, servers of this release
    run with its database.
    """
    return not found or found in _former_revisions()


@cache
def _former_revisions() -> frozenset[str]:
    scripts = ScriptDirectory.from_config(_config())
    return frozenset(script.revision for script in scripts.walk_revisions()) - {newest_migration()}


def migrate(settings: Settings, read_sealer: Callable[[], Sealer]) -> None:
    """Upgrade the database to the newest revision. Concurrent calls wait for each other.

    `read_sealer` is called by a migration that seals stored values.
    """
    config = _config()
    config.set_main_option("sqlalchemy.url", settings.sqlalchemy_url.replace("%", "%%"))
    config.attributes["read_sealer"] = read_sealer
    command.upgrade(config, "head")


def _config() -> Config:
    return Config(HOME / "alembic.ini")
