"""The table on the screen, and the same in docs/performance.md between its markers."""

from collections.abc import Sequence
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from benchmarks.measure import Point

BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"
HEADS = (
    *("clients", "req/s", "p50 ms", "p99 ms", "errors", "RSS MB", "CPU", "DB CPU"),
    *("pgbench", "mean ms", "p99 ms", "req/s ÷ tps"),
)
NONE = "failed"
FULL = 0.85  # of a core


def cells(point: Point) -> list[str]:
    """The point's row. What was not measured says so."""
    server, base = point.server, point.pgbench
    left, right = [NONE] * 3, [NONE] * 3
    cpu = ["-", "-"]
    if server.latencies:
        middle, late = server.percentile(0.5), server.percentile(0.99)
        left = [f"{server.rate:,.0f}", _milliseconds(middle), _milliseconds(late)]
        cpu = [f"{used / server.seconds:.0%}" for used in (point.server_cpu, point.database_cpu)]
    if base.latencies:
        late = base.percentile(0.99)
        right = [f"{base.rate:,.0f}", _milliseconds(base.mean), _milliseconds(late)]
    errors, memory = f"{server.errors.total():,}", f"{point.megabytes:.0f}"
    ratio = "-" if point.ratio is None else f"{point.ratio:.1%}"
    return [str(point.clients), *left, errors, memory, *cpu, *right, ratio]


def limit(points: Sequence[Point]) -> str:
    """Which processor was full with the most clients of one load, as it was measured."""
    last = points[-1]
    if not last.server.latencies:
        return "Not measured."
    server = last.server_cpu / last.server.seconds
    database = last.database_cpu / last.server.seconds
    told = (
        f"With {last.clients} clients the server process used {server:.0%} of a core and"
        f" PostgreSQL {database:.0%}"
    )
    if server >= FULL:
        return f"{told}: the one server process is full, and more processes are what would help."
    if database >= FULL:
        return f"{told}: PostgreSQL is what is full."
    return f"{told}: neither is full; they wait for a lock, for the disk, or for a core."


def show(console: Console, points: Sequence[Point]) -> None:
    for title, group in _grouped(points):
        table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, padding=0)
        for head in HEADS:
            table.add_column(head, justify="right", overflow="fold")
        for point in group:
            table.add_row(*cells(point))
        console.print(table)
        for problem in _problems(group):
            console.print(problem, style="red", markup=False)
        console.print(limit(group), style="dim")


def write(
    path: Path, facts: Sequence[tuple[str, str]], points: Sequence[Point], verdict: str
) -> None:
    """Put the figures in place of those that were there. The rest of the page is left alone."""
    lines = ["", "| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in facts), ""]
    for title, group in _grouped(points):
        lines += [f"### {title}", "", _row(HEADS), _row(["--:"] * len(HEADS))]
        lines += [_row(cells(point)) for point in group]
        lines += ["", limit(group), "", *(f"- {problem}" for problem in _problems(group)), ""]
    before, _, rest = path.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    figures = "\n".join([*lines, verdict, ""]).replace("\n\n\n", "\n\n")
    path.write_text(f"{before}{BEGIN}\n{figures}\n{END}{after}")


def _grouped(points: Sequence[Point]) -> list[tuple[str, list[Point]]]:
    titles = dict.fromkeys(point.title for point in points)
    return [(title, [one for one in points if one.title == title]) for title in titles]


def _problems(points: Sequence[Point]) -> list[str]:
    return [f"{one.clients} clients: {problem}" for one in points for problem in one.problems]


def _row(texts: Sequence[str]) -> str:
    return f"| {' | '.join(texts)} |"


def _milliseconds(value: float) -> str:
    digits = 2 if value < 10 else 1 if value < 100 else 0
    return f"{value:,.{digits}f}"
