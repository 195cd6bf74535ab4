"""Database migrations with Alembic."""

from collections.abc import Callable
from functools import cache

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from core.security.sealed import Sealer
from core.settings import HOME, Settings


def newest_migration() -> str:
    return _scripts().get_current_head() or ""


def lacks_migrations(found: str | None) -> bool:
    """Return whether a database at this revision lacks migrations of this release.

    An unknown revision is one of a newer release: during a rolling upgrade, servers of this release
    run with its database.
    """
    return not found or found in _former_revisions()


@cache
def _former_revisions() -> frozenset[str]:
    revisions = frozenset(script.revision for script in _scripts().walk_revisions())
    return revisions - {newest_migration()}


def migrate(
    settings: Settings, application_role: str | None, read_sealer: Callable[[], Sealer]
) -> None:
    """Upgrade the database to the newest revision. Concurrent calls wait for each other.

    `application_role` gets its rights on all tables, unless it is None: the role that migrates.
    `read_sealer` is called by a migration that seals stored values.
    """
    config = _config()
    url = settings.migrations_sqlalchemy_url
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    config.attributes["application_role"] = application_role
    config.attributes["read_sealer"] = read_sealer
    command.upgrade(config, "head")


@cache
def _scripts() -> ScriptDirectory:
    """Return the migrations of this release. The first question imports all of them, 0.1 s."""
    return ScriptDirectory.from_config(_config())


def _config() -> Config:
    return Config(HOME / "alembic.ini")
