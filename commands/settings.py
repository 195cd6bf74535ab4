"""The settings of a command."""

from pydantic import ValidationError

from commands.terminal import stop
from core.settings import Settings


def read_settings(*, tool: bool = False) -> Settings:
    """Return the settings, without what serving requires for a `tool`. Exits if one is wrong."""
    try:
        return Settings.for_tools() if tool else Settings()
    except ValidationError as error:
        stop(*map(_describe, error.errors()))


def _describe(problem: object) -> str:
    name = ".".join(map(str, problem["loc"])).upper()  # type: ignore[index]
    return f"{name or 'Settings'}: {problem['msg']}"  # type: ignore[index]
