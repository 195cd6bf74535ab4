"""Writes the results: JSON, a section of docs/performance.md and its chart."""

import json
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from benchmarks.peers import chart
from benchmarks.peers.aims import Aim, Results, check_aims
from benchmarks.peers.contenders import (
    CONTENDERS,
    DOCUMENTS,
    FIXED,
    LIST,
    NESTED,
    ONE_STATEMENT,
    TYPENAME,
)
from benchmarks.peers.measurement import Figures
from core.settings import HOME

PAGE = HOME / "docs/performance.md"
CHART = HOME / "docs/performance-peers.svg"
RESULTS = HOME / "benchmarks/results/peers.json"
BEGIN, END = "<!-- peers: begin -->", "<!-- peers: end -->"
COLUMNS = (
    *("server", "req/s", "of Haat", "CPU ms", "PostgreSQL ms", "p50 ms", "p99 ms"),
    *("peak RSS MB", "server's core", "other core", "errors"),
)
TITLES = {
    LIST: "A page of 20 offers with vendor, category and likes",
    NESTED: "The same with 3 offers of each vendor",
    TYPENAME: "`{ __typename }`",
    DOCUMENTS: "The page, by 2,000 distinct documents in turn",
}
NAMES = {one.key: one.title for one in CONTENDERS}
# Both do without GraphQL, and show what is left for it.
CHARTED = [one.key for one in CONTENDERS if one.key not in {FIXED, ONE_STATEMENT}]
HAAT = CONTENDERS[0].key
Environment = Sequence[tuple[str, str]]


def show(console: Console, results: Results) -> None:
    for line in [*_figures(results), *_aims(check_aims(results))]:
        console.print(line, highlight=False, soft_wrap=True, markup=False)


def write(environment: Environment, results: Results) -> list[Path]:
    """Write all files. Return their paths."""
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(_as_json(environment, results))
    CHART.write_text(chart.draw(_panels(results)))
    before, _, rest = PAGE.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n\n{format_section(environment, results)}\n\n{END}{after}")
    return [RESULTS, CHART, PAGE]


def format_section(environment: Environment, results: Results) -> str:
    """Return the text of the page between the markers."""
    rows = [f"| {name} | {value} |" for name, value in environment]
    alternative = "Requests per second of one core, by server"
    lines = [
        *_aims(check_aims(results)),
        *("", f"![{alternative}]({CHART.name})", ""),
        *_figures(results),
        *("", *_ceiling(results), "", "| | |", "|---|---|", *rows),
    ]
    return "\n".join(lines).replace("\n\n\n", "\n\n")


def _as_json(environment: Environment, results: Results) -> str:
    aims = [
        {"aim": aim.title, "bound": aim.bound, "figure": round(aim.figure, 3), "met": aim.met}
        for aim in check_aims(results)
    ]
    figures = [one.as_json() for one in results.values()]
    document = {"environment": dict(environment), "aims": aims, "figures": figures}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _panels(results: Results) -> dict[str, list[chart.Bar]]:
    """Return the bars of the chart. Haat's is emphasized."""
    return {
        TITLES[workload]: [
            chart.Bar(NAMES[key], results[key, workload].rate, emphasized=key == HAAT)
            for key in CHARTED
            if (key, workload) in results
        ]
        for workload in (LIST, NESTED)
    }


def _figures(results: Results) -> list[str]:
    """Return a Markdown table for each workload."""
    lines = []
    for workload, title in TITLES.items():
        rows = [one for (_, asked), one in results.items() if asked == workload]
        if rows:
            haat = results.get((HAAT, workload))
            lines += [f"### {title}", "", *_header(COLUMNS)]
            lines += [_row(_cells(one, haat)) for one in rows] + [""]
    return lines


def _cells(figures: Figures, haat: Figures | None) -> list[str]:
    return [
        NAMES[figures.contender],
        f"{figures.rate:,.0f}",
        f"{figures.rate / haat.rate:.2f}" if haat else "-",
        f"{figures.server_milliseconds:.2f}",
        f"{figures.database_milliseconds:.2f}",
        f"{figures.p50:.1f}",
        f"{figures.p99:.1f}",
        f"{figures.peak_megabytes:.0f}",
        f"{figures.server_share:.0%}",
        f"{figures.client_share:.0%}",
        f"{figures.errors:,}",
    ]


def _aims(aims: Sequence[Aim]) -> list[str]:
    if not aims:
        return []
    return [
        *_header(("aim", "bound", "measured", "")),
        *(
            _row(
                [
                    aim.title,
                    aim.bound,
                    f"{aim.figure:.2f} {aim.unit}",
                    "met" if aim.met else "**not met**",
                ]
            )
            for aim in aims
        ),
    ]


def _ceiling(results: Results) -> list[str]:
    """State the most that the clients can send, which shows that they are not the limit."""
    fixed = results.get((FIXED, LIST))
    if fixed is None:
        return []
    return [
        (
            f"The clients can send more: the server of fixed bytes answered {fixed.rate:,.0f}"
            f" requests for such a page per second, with {fixed.server_share:.0%} of its core, and"
            f" {fixed.client_share:.0%} of the core of the clients."
        )
    ]


def _header(names: Sequence[str]) -> list[str]:
    return [_row(names), f"|---|{'--:|' * (len(names) - 1)}"]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
