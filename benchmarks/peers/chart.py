"""Draws bars as SVG."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, LABEL_WIDTH, VALUE_WIDTH = 760, 220, 70
BAR_HEIGHT, BAR_GAP, TITLE_HEIGHT, MARGIN = 22, 8, 40, 12
BACKGROUND, TEXT, EMPHASIZED, OTHER = "#ffffff", "#24292f", "#0f766e", "#9ca3af"
FONT = "font-family='system-ui, sans-serif' font-size='14'"


@dataclass(frozen=True)
class Bar:
    label: str
    value: float
    emphasized: bool = False


def draw(panels: Mapping[str, Sequence[Bar]]) -> str:
    """Return a document with a panel of horizontal bars for each title, each with its scale."""
    parts, top = [], MARGIN
    for title, bars in panels.items():
        parts += _draw_panel(title, bars, top)
        top += TITLE_HEIGHT + len(bars) * (BAR_HEIGHT + BAR_GAP)
    height = top + MARGIN
    head = (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {height}'"
        f" width='{WIDTH}' height='{height}' {FONT} fill='{TEXT}' role='img'>"
    )
    background = f"<rect width='{WIDTH}' height='{height}' fill='{BACKGROUND}'/>"
    return "\n".join([head, background, *parts, "</svg>", ""])


def _draw_panel(title: str, bars: Sequence[Bar], top: int) -> list[str]:
    most = max(bar.value for bar in bars)
    room = WIDTH - LABEL_WIDTH - VALUE_WIDTH - MARGIN
    lines = [
        f"<text x='{MARGIN}' y='{top + 22}' font-weight='600'>{escape(title)}, requests/s</text>"
    ]
    for place, bar in enumerate(bars):
        y = top + TITLE_HEIGHT + place * (BAR_HEIGHT + BAR_GAP)
        width = room * bar.value / most
        color, weight = (EMPHASIZED, 600) if bar.emphasized else (OTHER, 400)
        base = y + BAR_HEIGHT - 6
        lines += [
            (
                f"<text x='{LABEL_WIDTH - 8}' y='{base}' text-anchor='end'"
                f" font-weight='{weight}'>{escape(bar.label)}</text>"
            ),
            (
                f"<rect x='{LABEL_WIDTH}' y='{y}' width='{width:.1f}' height='{BAR_HEIGHT}'"
                f" rx='3' fill='{color}'/>"
            ),
            (
                f"<text x='{LABEL_WIDTH + width + 8:.1f}' y='{base}'"
                f" font-weight='{weight}'>{bar.value:,.0f}</text>"
            ),
        ]
    return lines
