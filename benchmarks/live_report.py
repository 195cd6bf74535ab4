"""The figures of followers, on the screen and in docs/performance.md."""

import os
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from rich.console import Console

from core.clock import now

if TYPE_CHECKING:
    from benchmarks.live import Figures

BEGIN, END = "<!-- live: begin -->", "<!-- live: end -->"
NAMES = {"haat": "Haat", "node": "Node: graphql-ws, ws, ioredis"}
HEADS = (
    *("server", "followers", "all have it: median ms", "worst ms", "KiB a follower"),
    *("delivered/s, full", "CPU, full", "connects/s", "lost"),
)


def show(console: Console, found: Sequence["Figures"]) -> None:
    for line in rows(found):
        console.print(line, highlight=False, soft_wrap=True)


def write(path: Path, found: Sequence["Figures"], load: float) -> None:
    before, _, rest = path.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    told = (
        f"{now():%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores seen, load {load:.2f} before the run."
    )
    table = "\n".join(rows(found))
    path.write_text(f"{before}{BEGIN}\n\n{told}\n\n{table}\n\n{END}{after}")


def rows(found: Sequence["Figures"]) -> list[str]:
    """Both turns of a server together: the times of both, and the means of the rest."""
    lines = [f"| {' | '.join(HEADS)} |", f"|---|{'--:|' * (len(HEADS) - 1)}"]
    groups: dict[tuple[int, str], list[Figures]] = {}
    for one in found:
        groups.setdefault((one.followers, one.name), []).append(one)
    for (followers, name), turns in sorted(groups.items()):
        times = [time for one in turns for time in one.times]
        memory = max(one.kibibytes for one in turns)
        rate, cpu, connects = (
            sum(getattr(one, what) for one in turns) / len(turns)
            for what in ("rate", "cpu", "connects")
        )
        lost = sum(one.lost for one in turns)
        lines.append(
            f"| {NAMES[name]} | {followers:,} | {median(times):.1f} | {max(times):.1f}"
            f" | {memory:.1f} | {rate:,.0f} | {cpu:.0%} | {connects:,.0f} | {lost} |"
        )
    return lines
