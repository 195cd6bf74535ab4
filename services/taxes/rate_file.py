"""A file of rates: CSV, a rate per row.

    country,region,class,hsn,percent,cess,from,until,source
    DE,,STANDARD,,19,,2021-01-01,,"Umsatzsteuergesetz, section 12(1)"
    IN,,,220210,28,12,2017-07-01,2025-09-21,Notification 1/2017-Central Tax (Rate)

A row has a class or the first digits of HSN codes. The classes COMMISSION, TCS and TDS are levies
on what the platform takes from the vendors of the country. `until` is the last day; it is only
needed if no other row follows.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from core.countries.codes import COUNTRIES
from core.csv_files import InvalidFile, read_rows
from core.settings import HOME
from models.errors import InvalidInput
from models.taxes.rates import TaxLevy
from models.validation import parse
from services.taxes.load import RateEntry

SHIPPED = HOME / "services/taxes/rates.csv"
MAX_RATES = 20_000
MAX_PROBLEMS = 20
# The columns, and the fields of `RateEntry`.
COLUMNS: Mapping[str, str] = {
    "country": "country",
    "region": "region",
    "class": "tax_class",
    "hsn": "hsn_prefix",
    "percent": "bps",
    "cess": "cess_bps",
    "from": "starts_on",
    "until": "ends_on",
    "source": "source",
}
COLUMNS_NEEDED = f"The columns must be {', '.join(f'`{one}`' for one in COLUMNS)}."


def read_tax_rates(path: Path) -> list[RateEntry]:
    """Return the rates of a file. Raises `InvalidFile` with up to 20 problems."""
    entries: list[RateEntry] = []
    problems: list[str] = []
    for line, row in read_rows(path, set(COLUMNS).__eq__, COLUMNS_NEEDED):
        try:
            entries.append(_entry(row))
        except InvalidInput as refusal:
            problems += (f"line {line}, {one}" for one in _describe(refusal))
        if len(entries) > MAX_RATES:
            problems.append(f"There can be at most {MAX_RATES:,} rates.")
        if len(problems) >= MAX_PROBLEMS:
            break
    if problems:
        raise InvalidFile(*problems[:MAX_PROBLEMS])
    return entries


def _entry(row: Mapping[str, str]) -> RateEntry:
    cells = {COLUMNS[name]: cell.strip() for name, cell in row.items()}
    values: dict[str, Any] = {name: cell for name, cell in cells.items() if cell}
    for name in ("bps", "cess_bps"):
        if name in values:
            values[name] = _bps(values[name], field=name)
    if values.get("tax_class") in TaxLevy.__members__:
        values["levy"] = values.pop("tax_class")
    if values.get("country") not in COUNTRIES:
        raise InvalidInput(
            "Choose a country by its code of two letters, such as IN.", field=["country"]
        )
    entry = parse(RateEntry, **values)
    entry.columns()  # of a known region
    return entry


def _bps(percent: str, *, field: str) -> int:
    try:
        bps = Decimal(percent) * 100
        if bps == bps.to_integral_value():
            return int(bps)
    except (InvalidOperation, OverflowError):
        pass
    raise InvalidInput(
        "Write the amount in digits, with a point before at most {places} decimal places.",
        places=2,
        field=[field],
    )


def _describe(refusal: InvalidInput) -> Iterator[str]:
    """Yield the problems of a row, each with its column."""
    names = {"taxClass": "class", "hsnPrefix": "hsn", "cessBps": "cess", "startsOn": "from"}
    names |= {"cess_bps": "cess", "bps": "percent", "endsOn": "until"}
    for one in (refusal, *refusal.further):
        field = (one.field or ["class"])[0]
        yield f"{names.get(field, field)}: {one}"
