"""The README's plot: bars of actions a second, as an SVG that needs nothing."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from bench.results import Result
from bench.rounds import Figures

WIDTH, LEFT, RIGHT = 860, 330, 90
BAR, GAP, TITLE = 20, 8, 34
OURS, OTHERS = "#3b6fb6", "#a9b3c1"
STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#1f2933}.t{font-weight:600}.s{fill:#52606d}"
    "@media (prefers-color-scheme:dark){text{fill:#e4e7eb}.s{fill:#9aa5b1}}"
)


def bars(results: Iterable[Result]) -> str:
    """Of the measurement against peers, or else of the first there is: a panel for reads and one for creates."""
    found = {each.name: each for each in results if each.figures}
    chosen = found.get("peers") or next(iter(found.values()), None)
    figures = chosen.figures if chosen else []
    panels = [(what, [each for each in figures if what in each.name]) for what in ("reads", "creates")]
    parts: list[str] = []
    y = 8
    for what, members in panels:
        if members:
            parts.append(f'<text class="t" x="0" y="{y + 16}">{what.title()}: actions a second</text>')
            y = _panel(members, y + TITLE - 8, parts) + 12
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y}" role="img" '
        f'aria-label="Actions a second, measured by make bench">\n<style>{STYLE}</style>\n{body}\n</svg>\n'
    )


def _panel(figures: list[Figures], y: int, parts: list[str]) -> int:
    most = max(each.most for each in figures)
    scale = (WIDTH - LEFT - RIGHT) / most
    for each in figures:
        color = OURS if each.name.startswith("Batchwright") else OTHERS
        length, middle = each.per_second * scale, y + BAR / 2
        low, high = LEFT + each.least * scale, LEFT + each.most * scale
        parts += [
            f'<text x="{LEFT - 8}" y="{y + 15}" text-anchor="end">{escape(each.name)}</text>',
            f'<rect x="{LEFT}" y="{y}" width="{length:.1f}" height="{BAR}" fill="{color}" rx="2"/>',
            f'<path d="M{low:.1f} {middle}H{high:.1f}" stroke="#1f2933" stroke-width="1.5" opacity="0.5"/>',
            f'<text class="s" x="{high + 8:.1f}" y="{y + 15}">{each.per_second:,.0f}</text>',
        ]
        y += BAR + GAP
    return y
