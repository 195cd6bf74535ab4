"""Database migrations with Alembic."""

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from core.settings import HOME, Settings


def newest_migration() -> str:
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def migrate(settings: Settings) -> None:
    """Upgrade the database to the newest revision. Concurrent calls wait for each other."""
    config = _config()
    config.set_main_option("sqlalchemy.url", settings.sqlalchemy_url.replace("%", "%%"))
    command.upgrade(config, "head")


def _config() -> Config:
    return Config(HOME / "alembic.ini")
