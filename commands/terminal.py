"""The output of commands, and their exit status."""

from typing import NoReturn

import typer
from rich.console import Console
from rich.markup import escape

console = Console(stderr=True, soft_wrap=True)


def stop(*problems: str) -> NoReturn:
    """Print why the command cannot be done, and exit with status 2."""
    for problem in problems:
        console.print(f"[red]{escape(problem)}[/]", highlight=False)
    raise typer.Exit(2)
