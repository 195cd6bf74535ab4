"""The terminal of the operator."""

from typing import Any, NoReturn

import typer
from rich.console import Console
from rich.markup import escape
from typer.core import TyperGroup

from core.settings import SettingsInvalid

MISCONFIGURED = 2  # exit code: a restart does not help until a setting is corrected

console = Console(stderr=True, soft_wrap=True)  # problems, progress, and words around a result
results = Console(soft_wrap=True, highlight=False)


class Commands(TyperGroup):
    """Commands that end with a sentence, and not with a traceback, if a setting is wrong."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except SettingsInvalid as error:
            stop(str(error), error)


def stop(problem: str, cause: Exception | None = None) -> NoReturn:
    console.print(f"[red]{escape(problem)}[/]")
    raise typer.Exit(MISCONFIGURED) from cause
