"""The catalogue and its document against the contract, in both directions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatchcase

import pytest
from tests.contract import differences, reference
from tests.contract.exceptions import BEYOND, EXCEPTIONS
from tests.contract.ours import catalogue, ours
from tests.contract.reference import Described

pytestmark = pytest.mark.skipif(not reference.PRESENT, reason=reference.ABSENT)
Aspect = Callable[[Described], Iterator[str]]
ASPECTS: tuple[Aspect, ...] = (
    differences.operations,
    differences.parameters,
    differences.headers,
    differences.requests,
    differences.replies,
    differences.refusals,
    differences.records,
    differences.scopes,
    differences.vocabulary,
)


def test_the_list_of_what_is_not_built_is_true() -> None:
    _none(differences.not_yet(ours()))


@pytest.mark.parametrize("strict", [False, True], ids=["ours", "strict"])
@pytest.mark.parametrize("aspect", ASPECTS, ids=lambda aspect: aspect.__name__)
def test_we_differ_only_where_we_say_so(aspect: Aspect, *, strict: bool) -> None:
    """A strict server only where Asana's own service does, or where something is still to be built."""
    patterns = EXCEPTIONS[aspect.__name__] | ({} if strict else BEYOND.get(aspect.__name__, {}))
    lines = list(aspect(ours(strict=strict)))
    _none(line for line in lines if not any(fnmatchcase(line, each) for each in patterns))
    _none(f"{each} (no longer needed)" for each in patterns if not any(fnmatchcase(line, each) for line in lines))


def test_every_operation_says_what_it_does() -> None:
    _none(each.id for each in catalogue() if each.built and not (each.about and each.tag))


def _none(lines: Iterable[str]) -> None:
    found = sorted(lines)
    assert not found, "\n".join(["", *found])
