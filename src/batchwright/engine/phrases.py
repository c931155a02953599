"""A few words that name a server error, easy to read out to whoever keeps the log."""

from __future__ import annotations

import secrets

_ADJECTIVES = (
    "brave",
    "calm",
    "dizzy",
    "eager",
    "fuzzy",
    "gentle",
    "hasty",
    "jolly",
    "merry",
    "quiet",
    "shy",
    "witty",
)
_ANIMALS = (
    "badgers",
    "cranes",
    "dolphins",
    "ferrets",
    "geese",
    "herons",
    "lynxes",
    "otters",
    "pandas",
    "seals",
    "toads",
)
_VERBS = (
    "bake",
    "climb",
    "dance",
    "glide",
    "juggle",
    "knit",
    "march",
    "paint",
    "sail",
    "sing",
    "tumble",
    "whistle",
)
_ADVERBS = (
    "boldly",
    "daily",
    "gladly",
    "kindly",
    "loudly",
    "neatly",
    "proudly",
    "slowly",
    "swiftly",
    "warmly",
)


def phrase() -> str:
    """`6 shy otters sail slowly`."""
    words = (secrets.choice(each) for each in (_ADJECTIVES, _ANIMALS, _VERBS, _ADVERBS))
    return f"{secrets.randbelow(98) + 2} {' '.join(words)}"
