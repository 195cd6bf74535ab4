"""The outcome of a soak test as a table."""

from itertools import chain

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from tests.soak.soak import Outcome

MOST_SHOWN = 20


def rows(outcome: Outcome) -> list[tuple[str, str]]:
    """Return each figure with its label."""
    counted, scale = outcome.counted, outcome.scale
    late = sorted(chain.from_iterable(client.late for client in outcome.clients)) or [0.0]
    codes = sorted(name for name in counted if ":" in name)
    return [
        ("people, conversations", f"{scale.people}, {scale.conversations}"),
        ("seconds", f"{scale.seconds:.0f}"),
        *(("failure", what) for what in outcome.failures),
        ("messages in the database", f"{outcome.stored.messages:,}"),
        ("requests to send them", f"{counted.get('requests', 0):,}"),
        ("requests without a response", f"{counted.get('unanswered', 0):,}"),
        ("of these stored, and returned to a retry", f"{counted.get('found again', 0):,}"),
        ("messages delivered", f"{len(late):,}"),
        ("sockets cut by clients", f"{counted.get('cuts', 0):,}"),
        ("reconnections", f"{counted.get('connections', 0) - scale.people:,}"),
        *((name, f"{counted[name]:,}") for name in codes),
        ("late: median, 99 %", f"{_share(late, 0.5):.3f} s, {_share(late, 0.99):.3f} s"),
        ("late: worst", f"{late[-1]:.1f} s"),
        ("longest silence of all", f"{outcome.longest_silence:.1f} s"),
        *((f"shoppers: {name}", f"{number:,}") for name, number in sorted(outcome.shopped.items())),
        ("differences", f"{len(outcome.wrong):,}"),
    ]


def show(console: Console, outcome: Outcome) -> None:
    table = Table(box=SIMPLE_HEAD, show_header=False)
    for row in rows(outcome):
        table.add_row(*row)
    console.print(table)
    for one in outcome.wrong[:MOST_SHOWN]:
        console.print(one, style="red", markup=False, soft_wrap=True)
    if outcome.wrong:
        console.print("FAILED: clients and the database differ.", style="bold red")
    else:
        console.print(
            "Every client's log equals the database: in order, no gaps, no duplicates. Each act"
            " that was acknowledged to a customer happened once."
        )


def _share(ranked: list[float], share: float) -> float:
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))]
