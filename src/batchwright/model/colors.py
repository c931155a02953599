"""The colours that projects and tags are shown in."""

from __future__ import annotations

COLORS = tuple(
    f"{shade}-{hue}"
    for shade in ("dark", "light")
    for hue in ("pink", "green", "blue", "red", "teal", "brown", "orange", "purple", "warm-gray")
)
