"""Writes the results of the live benchmark to docs/performance.md."""

import os
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from rich.console import Console

from benchmarks.live.measurement import LiveMeasurement
from core.clock import now

BEGIN, END = "<!-- live: begin -->", "<!-- live: end -->"
NAMES = {"haat": "Haat", "node": "Node: graphql-ws, ws, ioredis"}
COLUMNS = (
    *("server", "subscribers", "delivered to all: median ms", "max ms", "KiB per subscriber"),
    *("deliveries/s, saturated", "CPU, saturated", "connects/s", "lost"),
)


def show(console: Console, measurements: Sequence[LiveMeasurement]) -> None:
    for line in format_rows(measurements):
        console.print(line, highlight=False, soft_wrap=True)


def write(path: Path, measurements: Sequence[LiveMeasurement], load: float) -> None:
    """Replace the text between the markers. `load` is the average before the run."""
    before, _, rest = path.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    environment = (
        f"{now():%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores, load {load:.2f} before the run."
    )
    table = "\n".join(format_rows(measurements))
    path.write_text(f"{before}{BEGIN}\n\n{environment}\n\n{table}\n\n{END}{after}")


def format_rows(measurements: Sequence[LiveMeasurement]) -> list[str]:
    """Return a Markdown table.

    The turns of a server are combined: latencies are pooled, memory is the maximum, lost
    connections are the sum, and all other figures are means.
    """
    lines = [f"| {' | '.join(COLUMNS)} |", f"|---|{'--:|' * (len(COLUMNS) - 1)}"]
    groups: dict[tuple[int, str], list[LiveMeasurement]] = {}
    for one in measurements:
        groups.setdefault((one.subscribers, one.server), []).append(one)
    for (subscribers, server), turns in sorted(groups.items()):
        latencies = [latency for one in turns for latency in one.latencies]
        memory = max(one.kibibytes for one in turns)
        rate, cpu, connects = (
            sum(getattr(one, name) for one in turns) / len(turns)
            for name in ("rate", "cpu", "connects")
        )
        lost = sum(one.lost for one in turns)
        lines.append(
            f"| {NAMES[server]} | {subscribers:,} | {median(latencies):.1f}"
            f" | {max(latencies):.1f} | {memory:.1f} | {rate:,.0f} | {cpu:.0%}"
            f" | {connects:,.0f} | {lost} |"
        )
    return lines
