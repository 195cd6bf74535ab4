"""The statistics, the comparison of answers and the report of `make bench-peers`."""

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from benchmarks.load.results import BenchmarkError, LoadResult
from benchmarks.peers import chart, report
from benchmarks.peers.aims import Results, check_aims
from benchmarks.peers.answers import comparable, ensure_same
from benchmarks.peers.contenders import (
    CONTENDERS,
    DOCUMENTS,
    FIXED,
    HAAT,
    LIST,
    MERCURIUS,
    NESTED,
    TYPENAME,
    YOGA,
)
from benchmarks.peers.measurement import Figures, Turn
from benchmarks.peers.requests import DISTINCT_DOCUMENTS, encode_requests

GLOBAL_ID = "VmVuZG9yOjAxOWJjMjRmLThiYzctNzdmYy05MDk4LTdkMDZlYzVmY2Y4ZA=="
PLAIN_ID = "019bc24f-8bc7-77fc-9098-7d06ec5fcf8d"
SVG = "{http://www.w3.org/2000/svg}"
TOKENS = [f"token-{number}" for number in range(7)]
CURSORS = [None, *(f"cursor-{number}" for number in range(9))]


def turn(count: int, *, server: float = 1.0, database: float = 0.5, slow: float = 1.0) -> Turn:
    """Return a turn of 4 seconds, whose last tenth of the latencies is `slow` times as long."""
    fast = count - count // 10
    latencies = [10.0] * fast + [10.0 * slow] * (count - fast)
    return Turn(LoadResult(4.0, latencies, Counter()), server, database, client_cpu=0.25)


def figures(contender: str, workload: str, *turns: Turn) -> Figures:
    return Figures(contender, workload, list(turns), peak_megabytes=100)


def results(**changes: tuple[str, str, Turn]) -> Results:
    """Return results that meet all aims, except for `changes`."""
    measured = {
        (HAAT, LIST): turn(2500, server=2.5, database=0.5),
        (HAAT, NESTED): turn(1100, database=0.5),
        (HAAT, TYPENAME): turn(10_000, server=1.2),
        (HAAT, DOCUMENTS): turn(1000, slow=4),
        (YOGA, LIST): turn(1000),
        (MERCURIUS, LIST): turn(2000, database=0.8),
        (MERCURIUS, NESTED): turn(1000, database=1.0),
        (FIXED, LIST): turn(40_000),
    }
    measured |= {(key, workload): changed for key, workload, changed in changes.values()}
    return {key: figures(*key, one) for key, one in measured.items()}


def test_each_figure_is_the_median_of_the_turns() -> None:
    measured = figures(HAAT, LIST, turn(400), turn(4000, slow=5), turn(800))
    assert measured.rate == 200
    assert measured.server_milliseconds == 1.25
    assert measured.database_milliseconds == 0.625
    assert (measured.p50, measured.p99) == (10, 10)
    assert measured.server_share == 0.25
    assert measured.client_share == 0.1875


def test_all_aims_are_met_at_their_bounds() -> None:
    assert [aim.title for aim in check_aims(results()) if not aim.met] == []
    assert len(check_aims(results())) == 7


@pytest.mark.parametrize(
    ("key", "workload", "changed", "missed"),
    [
        (YOGA, LIST, turn(1001), "Yoga's"),
        (MERCURIUS, LIST, turn(2300, database=2), "list: requests/s, of Mercurius's"),
        (MERCURIUS, NESTED, turn(1001, database=2), "nested: requests/s"),
        (HAAT, NESTED, turn(1100, database=0.6), "nested: CPU of PostgreSQL"),
        (HAAT, TYPENAME, turn(10_000, server=1.21), "CPU of the server"),
        (HAAT, DOCUMENTS, turn(1000, slow=4.1), "p99"),
    ],
)
def test_an_aim_is_not_met_beyond_its_bound(
    key: str, workload: str, changed: Turn, missed: str
) -> None:
    aims = check_aims(results(changed=(key, workload, changed)))
    [aim] = [aim for aim in aims if not aim.met]
    assert missed in aim.title


def test_aims_whose_servers_were_not_measured_are_left_out() -> None:
    assert check_aims({(YOGA, LIST): figures(YOGA, LIST, turn(10))}) == []
    assert [aim.title for aim in check_aims({(HAAT, TYPENAME): figures(HAAT, TYPENAME, turn(10))})]


def answer(id: str, time: str, cursor: str) -> dict[str, Any]:
    page = {"nodes": [{"id": id, "endsAt": time}], "pageInfo": {"endCursor": cursor}}
    return {"data": {"offers": page}, "extensions": {"cost": 1}}


def test_the_same_rows_are_the_same_answer_in_each_notation() -> None:
    haat = comparable(answer(GLOBAL_ID, "2026-12-25T08:00:00Z", "one"))
    ensure_same(
        CONTENDERS[1],
        LIST,
        [haat],
        [comparable(answer(PLAIN_ID, "2026-12-25T08:00:00.000000+00:00", "other"))],
    )


@pytest.mark.parametrize(
    ("given", "place"),
    [
        (answer(PLAIN_ID.replace("d", "e"), "2026-12-25T08:00:00Z", ""), r"nodes\[0\].id"),
        (answer(PLAIN_ID, "2026-12-25T08:00:01Z", ""), r"nodes\[0\].endsAt"),
        ({"data": {"offers": {"nodes": [], "pageInfo": {}}}}, "nodes"),
        ({"data": {"offers": None}}, "offers"),
        ({"data": {}}, "data"),
    ],
)
def test_other_rows_are_refused_with_their_place(given: dict[str, Any], place: str) -> None:
    haat = comparable(answer(GLOBAL_ID, "2026-12-25T08:00:00Z", ""))
    with pytest.raises(BenchmarkError, match=place):
        ensure_same(CONTENDERS[1], LIST, [haat], [comparable(given)])


def test_every_user_asks_for_every_page() -> None:
    requests = encode_requests(CONTENDERS[0], LIST, 80, CURSORS, TOKENS)
    assert len(requests) == len(set(requests)) == len(CURSORS) * len(TOKENS)


def test_servers_without_users_get_no_tokens() -> None:
    requests = encode_requests(CONTENDERS[1], LIST, 80, CURSORS, TOKENS)
    assert len(requests) == len(CURSORS)
    assert b"Authorization" not in b"".join(requests)


@pytest.mark.parametrize("contender", [one for one in CONTENDERS if DOCUMENTS in one.workloads])
def test_documents_are_distinct(contender: Any) -> None:
    requests = encode_requests(contender, DOCUMENTS, 80, [None], TOKENS[:1])
    assert len(set(requests)) == DISTINCT_DOCUMENTS


def test_write_the_results_between_the_markers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "performance.md"
    page.write_text(f"Above\n\n{report.BEGIN}\n\nold\n\n{report.END}\n\nBelow\n")
    for name, path in (("PAGE", page), ("CHART", tmp_path / "chart.svg")):
        monkeypatch.setattr(report, name, path)
    monkeypatch.setattr(report, "RESULTS", tmp_path / "results/peers.json")
    measured = results(changed=(HAAT, TYPENAME, turn(1000, server=1)))
    written = report.write([("Node", "v24")], measured)
    assert all(path.stat().st_size for path in written)
    text = page.read_text()
    assert text.startswith("Above\n\n")
    assert text.endswith("\n\nBelow\n")
    assert "old" not in text
    assert "| Haat | 625 | 1.00 | 1.00 | 0.20 |" in text
    assert "| GraphQL Yoga | 250 | 0.40 |" in text
    assert "| `{ __typename }`: CPU of the server | ≤ 0.12 ms | 1.00 ms | **not met** |" in text
    assert "answered 10,000" in text
    assert "| Node | v24 |" in text


def test_bars_are_as_long_as_their_values() -> None:
    bars = [chart.Bar("Haat", 900, emphasized=True), chart.Bar("A & B", 300)]
    document = ElementTree.fromstring(chart.draw({"Lists": bars, "Others": bars}))
    _, *drawn = document.iter(f"{SVG}rect")
    widths = [float(one.attrib["width"]) for one in drawn]
    assert len(widths) == 4
    assert widths[0] == pytest.approx(3 * widths[1], abs=0.2)
    assert widths[0] + chart.LABEL_WIDTH + chart.VALUE_WIDTH < chart.WIDTH
    assert "A & B" in [one.text for one in document.iter(f"{SVG}text")]


def test_errors_are_reported() -> None:
    failed = replace(turn(10), load=LoadResult(4.0, [1.0], Counter({"500": 3})))
    assert figures(HAAT, LIST, failed, failed).errors == 6
