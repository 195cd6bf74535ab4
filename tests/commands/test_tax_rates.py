"""`haat tax-rates load`: rates that are missing are added, in whole or not at all."""

from datetime import date
from pathlib import Path

import pytest
from sqlmodel import col, select

from core.csv_files import InvalidFile
from core.database import Database
from models.audit import AuditEntry, AuditOutcome
from models.catalog.products import TaxClass
from models.pricing.tax_rules import EUROPEAN_UNION
from models.taxes.rates import TaxRate
from services.taxes.rate_file import COLUMNS_NEEDED, SHIPPED, read_tax_rates
from tests.commands.installation import Installation, Ran
from tests.factories.world import World

HEADER = "country,region,class,hsn,percent,cess,from,until,source"
FILE = f"""{HEADER}
IN,,REDUCED,,5,,2025-09-22,,"Notification 9, schedule I"
IN,,REDUCED,,12,,2017-07-01,,Notification 1

IN,,,2202,28,12,2017-07-01,2025-09-21,Notification 1
US,ny,STANDARD,,8.88,,2026-01-01,,A law
"""
WRONG = FILE.replace("8.88", "8.875")


async def stored(database: Database) -> list[tuple[str | None, int, str, str]]:
    rows = select(TaxRate).order_by(col(TaxRate.country), col(TaxRate.bps))
    async with database.session() as session:
        return [
            (one.region, one.bps, str(one.starts_on), str(one.ends_on))
            for one in await session.exec(rows)
        ]


async def load(installation: Installation, folder: Path, text: str, *options: str) -> Ran:
    path = folder / "rates.csv"
    path.write_text(text)
    return await installation.run("tax-rates", "load", *options, str(path))


async def test_load_adds_what_is_missing(
    world: World, database: Database, installation: Installation, tmp_path: Path
) -> None:
    added = [
        "+ IN: REDUCED 12 % from 2017-07-01",
        "+ IN: HSN 2202 28 % and 12 % of cess from 2017-07-01",
        "+ IN: REDUCED 5 % from 2025-09-22",
        "+ US, NY: STANDARD 8.88 % from 2026-01-01",
    ]
    same = "differ from the file and were left as they are."
    dry = await load(installation, tmp_path, FILE, "--dry-run")
    assert dry.status == 0, dry.errors
    assert dry.lines == [*added, f"4 added, 0 known, 0 {same} Nothing was stored."]
    assert await stored(database) == []
    ran = await load(installation, tmp_path, FILE)
    assert ran.lines == [*added, f"4 added, 0 known, 0 {same}"]
    rates = [
        (None, 500, "2025-09-22", "None"),
        (None, 1_200, "2017-07-01", "2025-09-21"),
        (None, 2_800, "2017-07-01", "2025-09-21"),
        ("NY", 888, "2026-01-01", "None"),
    ]
    assert await stored(database) == rates
    again = await load(installation, tmp_path, FILE)
    assert again.lines == [f"0 added, 4 known, 0 {same}"]
    other = await load(installation, tmp_path, FILE.replace(",28,12,", ",40,,"))
    assert other.lines == [
        "! IN: HSN 2202 28 % and 12 % of cess from 2017-07-01",
        f"0 added, 3 known, 1 {same}",
    ]
    assert await stored(database) == rates
    done = select(AuditEntry.act, AuditEntry.actor_kind).where(
        AuditEntry.outcome == AuditOutcome.DONE
    )
    async with database.session() as session:
        assert (await session.exec(done)).all() == [("SET_TAX_RATE", "SYSTEM")] * 4


async def test_load_leaves_what_admins_have_planned(
    world: World, database: Database, installation: Installation, tmp_path: Path
) -> None:
    await world.tax_rate(tax_class=TaxClass.REDUCED, bps=600, starts_on=date(2030, 1, 1))
    ran = await load(installation, tmp_path, FILE)
    assert ran.status == 0, ran.errors
    assert (await stored(database))[:3] == [
        (None, 500, "2025-09-22", "2029-12-31"),
        (None, 600, "2030-01-01", "None"),
        (None, 1_200, "2017-07-01", "2025-09-21"),
    ]


async def test_the_rates_of_this_release(
    world: World, database: Database, installation: Installation
) -> None:
    """Each country of the European Union has one standard rate, the newest of which is open."""
    ran = await installation.run("tax-rates", "load")
    assert ran.status == 0, ran.errors
    async with database.session() as session:
        rates = (await session.exec(select(TaxRate))).all()
    assert len(rates) == len(read_tax_rates(SHIPPED))
    standard = [
        one.country for one in rates if one.tax_class is TaxClass.STANDARD and not one.ends_on
    ]
    assert sorted(standard) == sorted([*EUROPEAN_UNION, "GB", "IN", "NG"])


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("", [f"line 1: {COLUMNS_NEEDED}"]),
        (HEADER.replace("source", "law"), [f"line 1: {COLUMNS_NEEDED}"]),
        (f"{HEADER}\nIN,,STANDARD,,18,,2017-07-01\n", ["line 2, source: "]),
        (f"{HEADER}\nXX,,STANDARD,,18,,2017-07-01,,L\n", ["line 2, country: "]),
        (f"{HEADER}\nIN,,BIG,,18,,2017-07-01,,L\n", ["line 2, class: "]),
        (f"{HEADER}\nIN,,,2,18,,2017-07-01,,L\n", ["line 2, hsn: "]),
        (f"{HEADER}\nIN,,,,18,,2017-07-01,,L\n", ["line 2, class: "]),
        (f"{HEADER}\nIN,,STANDARD,,8.888,,2017-07-01,,L\n", ["line 2, percent: "]),
        (f"{HEADER}\nIN,,STANDARD,,NaN,,2017-07-01,,L\n", ["line 2, percent: "]),
        (f"{HEADER}\nIN,,STANDARD,,18,x,2017-07-01,,L\n", ["line 2, cess: "]),
        (f"{HEADER}\nIN,,STANDARD,,18,,01.07.2017,,L\n", ["line 2, from: "]),
        (f"{HEADER}\nIN,,STANDARD,,18,,2017-07-01,2017-06-30,L\n", ["line 2, until: "]),
        (f"{HEADER}\nIN,Atlantis,STANDARD,,18,,2017-07-01,,L\n", ["line 2, region: "]),
        (WRONG, ["line 6, percent: "]),
    ],
)
def test_a_file_with_errors(tmp_path: Path, text: str, problems: list[str]) -> None:
    path = tmp_path / "rates.csv"
    path.write_text(text)
    with pytest.raises(InvalidFile) as refused:
        read_tax_rates(path)
    found = refused.value.problems
    assert all(part in problem for part, problem in zip(problems, found, strict=True)), found


async def test_a_wrong_file_stores_nothing(
    world: World, database: Database, installation: Installation, tmp_path: Path
) -> None:
    ran = await load(installation, tmp_path, WRONG)
    assert (ran.status, ran.output) == (2, "")
    assert ran.errors.startswith("line 6, percent: ")
    assert await stored(database) == []
