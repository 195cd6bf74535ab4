"""`haat tax-rates`: the rates of taxes."""

from pathlib import Path
from typing import Annotated

import typer

from commands.console import results, stop
from commands.database import run_in_transaction
from core.csv_files import InvalidFile
from core.settings import Settings, read_settings
from models.taxes.rates import TaxRate
from services.taxes.load import load_tax_rates
from services.taxes.rate_file import SHIPPED, read_tax_rates

main = typer.Typer(no_args_is_help=True, help="Load rates of taxes.")


@main.callback()
def _group() -> None:
    """Make `load` a command of a group. Typer would leave the only command's name out."""


@main.command()
def load(
    file: Annotated[
        Path,
        typer.Argument(help="A CSV file. By default, the rates that this release knows."),
    ] = SHIPPED,
    dry_run: Annotated[
        bool, typer.Option(help="Print what would change, and store nothing.")
    ] = False,
) -> None:
    """Add the rates of a file. Known ones are left as they are: `setTaxRate` changes them.

    A rate is known by its country, region, class, levy or HSN code, and first day.
    docs/operating.md describes the format. A second run changes nothing.
    """
    settings = read_settings(Settings.for_tools)
    try:
        entries = read_tax_rates(file)
    except InvalidFile as invalid:
        stop("\n".join(invalid.problems))
    loaded = run_in_transaction(
        settings, lambda session: load_tax_rates(session, entries, dry_run=dry_run)
    )
    for mark, rates in (("+", loaded.added), ("!", loaded.different)):
        for rate in rates:
            typer.echo(f"{mark} {_describe(rate)}")
    known = len(entries) - len(loaded.added) - len(loaded.different)
    results.print(
        f"{len(loaded.added)} added, {known} known, {len(loaded.different)} differ from the file"
        " and were left as they are." + (" Nothing was stored." if dry_run else "")
    )


def _describe(rate: TaxRate) -> str:
    place = rate.country + (f", {rate.region}" if rate.region else "")
    cess = f" and {rate.cess_bps / 100:g} % of cess" if rate.cess_bps else ""
    goods = rate.tax_class or rate.levy or f"HSN {rate.hsn_prefix}"
    return f"{place}: {goods} {rate.bps / 100:g} %{cess} from {rate.starts_on}"
