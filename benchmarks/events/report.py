"""Writes the results to docs/performance.md."""

import os
from pathlib import Path

from rich.console import Console

from benchmarks.events.measurement import EventMeasurement
from core.clock import now

BEGIN, END = "<!-- events: begin -->", "<!-- events: end -->"


def show(console: Console, measurement: EventMeasurement) -> None:
    for line in format_rows(measurement):
        console.print(line, highlight=False, soft_wrap=True, markup=False)


def write(path: Path, measurement: EventMeasurement, load: float) -> None:
    """Replace the text between the markers. `load` is the average before the run."""
    before, _, rest = path.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    environment = (
        f"{now():%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores seen, load {load:.2f} before the run."
    )
    table = "\n".join(format_rows(measurement))
    path.write_text(f"{before}{BEGIN}\n\n{environment}\n\n{table}\n\n{END}{after}")


def format_rows(measurement: EventMeasurement) -> list[str]:
    """Return a Markdown table."""
    rows = [
        f"| {name} | {figure} | {aim}{'' if met else ', missed'} |"
        for name, figure, aim, met in measurement.rows()
    ]
    return ["| | measured | aim |", "|---|--:|--:|", *rows]
