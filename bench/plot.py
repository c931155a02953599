"""The README's plot: bars of actions a second, as an SVG that needs nothing."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from bench.results import Result
from bench.rounds import Figures

WIDTH, LEFT, RIGHT = 860, 330, 90
BAR, GAP, TITLE = 20, 8, 34
SIDE = 170  # for the names beside a profile's bars
OURS, OTHERS = "#3b6fb6", "#a9b3c1"
STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#1f2933}.t{font-weight:600}.s{fill:#52606d}"
    "@media (prefers-color-scheme:dark){text{fill:#e4e7eb}.s{fill:#9aa5b1}}"
    ".n{font-size:11px;fill:#fff;text-anchor:middle}"
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
    return _picture(parts, y, "Actions a second, measured by make bench")


def _picture(parts: list[str], height: int, label: str) -> str:
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{label}">\n'
        f"<style>{STYLE}</style>\n{body}\n</svg>\n"
    )


def layers(results: Iterable[Result]) -> str:
    """Of the profile: a bar a sort of request, cut into the layers that were at work."""
    shares = next((each.shares for each in results if each.shares), {})
    names = list(dict.fromkeys(name for each in shares.values() for name in each))
    colors = {name: f"hsl({210 + number * 360 // max(len(names), 1)} 45% 58%)" for number, name in enumerate(names)}
    parts: list[str] = []
    y = 8
    for what, found in shares.items():
        parts.append(f'<text x="{SIDE - 8}" y="{y + 15}" text-anchor="end">{escape(what)}</text>')
        x = float(SIDE)
        for name, share in found.items():
            if not share:
                continue
            length = share * (WIDTH - SIDE)
            box = f'x="{x:.1f}" y="{y}" width="{length:.1f}" height="{BAR}" fill="{colors[name]}"'
            parts.append(f"<rect {box}><title>{escape(name)}: {share:.0%}</title></rect>")
            if length > 34:
                parts.append(f'<text class="n" x="{x + length / 2:.1f}" y="{y + 15}">{share:.0%}</text>')
            x += length
        y += BAR + GAP
    for number, (name, color) in enumerate(colors.items()):
        x, row = SIDE + number % 3 * 230, y + 10 + number // 3 * 22
        parts.append(f'<rect x="{x}" y="{row}" width="12" height="12" fill="{color}" rx="2"/>')
        parts.append(f'<text class="s" x="{x + 18}" y="{row + 11}">{escape(name)}</text>')
    return _picture(parts, y + 20 + (len(names) + 2) // 3 * 22, "Where the server's time goes, measured by make bench")


def _panel(figures: list[Figures], y: int, parts: list[str]) -> int:
    most = max(each.most for each in figures)
    scale = (WIDTH - LEFT - RIGHT) / most
    for each in figures:
        color = OURS if each.name.startswith("Batchwright") else OTHERS
        length, middle = each.per_second * scale, y + BAR / 2
        low, high = LEFT + each.least * scale, LEFT + each.most * scale
        parts += [
            f'<text x="{LEFT - 8}" y="{y + 15}" text-anchor="end">{escape(each.name.rpartition(",")[0])}</text>',
            f'<rect x="{LEFT}" y="{y}" width="{length:.1f}" height="{BAR}" fill="{color}" rx="2"/>',
            f'<path d="M{low:.1f} {middle}H{high:.1f}" stroke="#1f2933" stroke-width="1.5" opacity="0.5"/>',
            f'<text class="s" x="{high + 8:.1f}" y="{y + 15}">{each.per_second:,.0f}</text>',
        ]
        y += BAR + GAP
    return y
