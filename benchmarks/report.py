"""Writes the results to docs/performance.md."""

from collections.abc import Sequence
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from benchmarks.runner import Measurement

COLUMNS = (
    *("clients", "req/s", "p50 ms", "p99 ms", "errors", "RSS MB", "CPU", "DB CPU"),
    *("pgbench", "mean ms", "p99 ms", "req/s ÷ tps"),
)
FAILED = "failed"
SATURATED_SHARE = 0.85  # of one core


def format_row(measurement: Measurement) -> list[str]:
    server, pgbench = measurement.server, measurement.pgbench
    left, right = [FAILED] * 3, [FAILED] * 3
    cpu = ["-", "-"]
    if server.latencies:
        p50, p99 = server.percentile(0.5), server.percentile(0.99)
        left = [f"{server.rate:,.0f}", _milliseconds(p50), _milliseconds(p99)]
        used = (measurement.server_cpu, measurement.database_cpu)
        cpu = [f"{seconds / server.seconds:.0%}" for seconds in used]
    if pgbench.latencies:
        p99 = pgbench.percentile(0.99)
        right = [f"{pgbench.rate:,.0f}", _milliseconds(pgbench.mean), _milliseconds(p99)]
    errors, memory = f"{server.errors.total():,}", f"{measurement.megabytes:.0f}"
    ratio = "-" if measurement.ratio is None else f"{measurement.ratio:.1%}"
    return [str(measurement.clients), *left, errors, memory, *cpu, *right, ratio]


def describe_bottleneck(measurements: Sequence[Measurement]) -> str:
    last = measurements[-1]
    if not last.server.latencies:
        return "Not measured."
    server = last.server_cpu / last.server.seconds
    database = last.database_cpu / last.server.seconds
    usage = (
        f"With {last.clients} clients the server process used {server:.0%} of a core and"
        f" PostgreSQL {database:.0%}"
    )
    if server >= SATURATED_SHARE:
        return f"{usage}: the server process is the bottleneck; more processes would help."
    if database >= SATURATED_SHARE:
        return f"{usage}: PostgreSQL is the bottleneck."
    return f"{usage}: neither is saturated; they wait for a lock, the disk, or a core."


def show(console: Console, measurements: Sequence[Measurement]) -> None:
    for title, group in _group_by_title(measurements):
        table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, padding=0)
        for name in COLUMNS:
            table.add_column(name, justify="right", overflow="fold")
        for measurement in group:
            table.add_row(*format_row(measurement))
        console.print(table)
        for problem in _problems(group):
            console.print(problem, style="red", markup=False)
        console.print(describe_bottleneck(group), style="dim")


def write(
    path: Path,
    environment: Sequence[tuple[str, str]],
    measurements: Sequence[Measurement],
    invariants: str,
    section: str = "figures",
) -> None:
    """Replace what is between the two markers of a section of the page."""
    begin, end = (f"<!-- {section}: {place} -->" for place in ("begin", "end"))
    rows = [f"| {name} | {value} |" for name, value in environment]
    lines = ["", "| | |", "|---|---|", *rows, ""]
    for title, group in _group_by_title(measurements):
        lines += [f"### {title}", "", _table_row(COLUMNS), _table_row(["--:"] * len(COLUMNS))]
        lines += [_table_row(format_row(measurement)) for measurement in group]
        problems = [f"- {problem}" for problem in _problems(group)]
        lines += ["", describe_bottleneck(group), "", *problems, ""]
    before, _, rest = path.read_text().partition(begin)
    _, _, after = rest.partition(end)
    figures = "\n".join([*lines, invariants, ""]).replace("\n\n\n", "\n\n")
    path.write_text(f"{before}{begin}\n{figures}\n{end}{after}")


def _group_by_title(measurements: Sequence[Measurement]) -> list[tuple[str, list[Measurement]]]:
    titles = dict.fromkeys(one.title for one in measurements)
    return [(title, [one for one in measurements if one.title == title]) for title in titles]


def _problems(measurements: Sequence[Measurement]) -> list[str]:
    return [f"{one.clients} clients: {problem}" for one in measurements for problem in one.problems]


def _table_row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _milliseconds(value: float) -> str:
    digits = 2 if value < 10 else 1 if value < 100 else 0
    return f"{value:,.{digits}f}"
