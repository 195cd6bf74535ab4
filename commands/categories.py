"""`haat categories`: the category tree."""

from pathlib import Path
from typing import Annotated

import typer

from commands.category_file import read_category_file
from commands.console import results, stop
from commands.database import run_in_transaction
from core.csv_files import InvalidFile
from core.settings import Settings, read_settings
from models.categories import CategoryLimitReached
from services.categories.load import load_categories

main = typer.Typer(no_args_is_help=True, help="Load the category tree.")


@main.callback()
def _group() -> None:
    """Make `load` a command of a group. Typer would leave the only command's name out."""


@main.command()
def load(
    file: Annotated[
        Path, typer.Argument(help="A CSV file: parent, slug, and a column a language.")
    ],
    dry_run: Annotated[
        bool, typer.Option(help="Print what would change, and store nothing.")
    ] = False,
) -> None:
    """Add the categories of a file, and update known ones. None is removed.

    A category is known by its path. See commands/examples/categories.csv; docs/operating.md
    describes the format. A second run changes nothing.
    """
    settings = read_settings(Settings.for_tools)
    try:
        entries = read_category_file(file)
        result = run_in_transaction(
            settings, lambda session: load_categories(session, entries, dry_run=dry_run)
        )
    except InvalidFile as invalid:
        stop("\n".join(invalid.problems))
    except CategoryLimitReached as refusal:
        stop(str(refusal))
    for mark, paths in (("+", result.created), ("~", result.changed)):
        for path in paths:
            typer.echo(f"{mark} {path}")
    same = len(entries) - len(result.created)
    results.print(
        f"{len(result.created)} created, {len(result.changed)} changed, {same} known."
        + (" Nothing was stored." if dry_run else "")
    )
