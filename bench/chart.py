"""Draws the ratios as a bar chart in SVG: bars on a logarithmic scale, from 1.00 = hand-written.

The colours are of middle lightness, so that the chart reads on a light and on a dark page.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

__all__ = ["draw"]

COLOURS = {
    "symbridge": "#1f9d61",
    "cffi API": "#4a8fd8",
    "cffi ABI": "#9b78d1",
    "ctypes": "#d68a35",
}
TEXT = "#7b8794"
GRID = "#7b879455"

WIDTH = 900
LEFT = 190
RIGHT = 70
TOP = 92
BAR = 9
GAP = 14
TICKS = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500)


class Scale:
    """From ratios to horizontal places."""

    def __init__(self, ratios: Sequence[float]) -> None:
        self.low = math.log(min([0.8, *ratios]))
        self.high = math.log(max([4.0, *ratios]))

    def __call__(self, ratio: float) -> float:
        part = (math.log(ratio) - self.low) / (self.high - self.low)
        return LEFT + part * (WIDTH - LEFT - RIGHT)


def text(x: float, y: float, words: str, anchor: str = "start", extra: str = "") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{TEXT}"{extra}>'
        f"{escape(words)}</text>"
    )


def draw(rows: Sequence[tuple[str, Mapping[str, float]]], title: str, subtitle: str) -> str:
    """`rows`: label, and per implementation the ratio to the hand-written extension."""
    shown = [name for name in COLOURS if any(name in ratios for _, ratios in rows)]
    scale = Scale([ratio for _, ratios in rows for ratio in ratios.values()])
    pitch = BAR * len(shown) + GAP
    bottom = TOP + pitch * len(rows)
    height = bottom + 34
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
        f'viewBox="0 0 {WIDTH} {height}" role="img" '
        'font-family="system-ui, -apple-system, Segoe UI, Helvetica, Arial, sans-serif" '
        'font-size="12">',
        f"<title>{escape(title)}</title>",
        text(16, 26, title, extra=' font-size="16" font-weight="600"'),
        text(16, 45, subtitle),
    ]
    x = 16.0
    for name in shown:
        parts.append(
            f'<rect x="{x:.1f}" y="59" width="12" height="12" rx="2" fill="{COLOURS[name]}"/>'
        )
        parts.append(text(x + 17, 69.5, name))
        x += 35 + 7 * len(name)
    for tick in TICKS:
        if not scale.low <= math.log(tick) <= scale.high:
            continue
        place = scale(tick)
        heavy = ' stroke-width="1.5"' if tick == 1 else ""
        colour = TEXT if tick == 1 else GRID
        parts.append(
            f'<line x1="{place:.1f}" y1="{TOP - 6}" x2="{place:.1f}" y2="{bottom}" '
            f'stroke="{colour}"{heavy}/>'
        )
        parts.append(text(place, bottom + 17, f"{tick:g}", "middle"))
    start = scale(1.0)
    for index, (label, ratios) in enumerate(rows):
        top = TOP + index * pitch
        parts.append(text(LEFT - 12, top + BAR * len(shown) / 2 + 4, label, "end"))
        for place, name in enumerate(shown):
            if name not in ratios:
                continue
            ratio = ratios[name]
            end = scale(ratio)
            y = top + place * BAR
            parts.append(
                f'<rect x="{min(start, end):.1f}" y="{y}" '
                f'width="{max(abs(end - start), 1.5):.1f}" height="{BAR - 1.5}" rx="1.5" '
                f'fill="{COLOURS[name]}"><title>{escape(label)}, {escape(name)}: {ratio:.2f}'
                "</title></rect>"
            )
            weight = ' font-weight="600"' if name == "symbridge" else ""
            number = f"{ratio:.2f}" if ratio < 10 else f"{ratio:.1f}"
            parts.append(
                text(max(start, end) + 5, y + BAR - 1.5, number, extra=f' font-size="9"{weight}')
            )
    parts.append("</svg>")
    return "\n".join(parts) + "\n"
