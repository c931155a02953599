"""Fields that contradict themselves can't be declared."""

from __future__ import annotations

from dataclasses import replace

import pytest

from batchwright.model.fields import Field, ref, text


@pytest.mark.parametrize(
    "field",
    [
        ref("box", "box", required=True),
        ref("box", "box", required=True, nullable=True),
        ref("box", "box", belongs=True),
        ref("box", "box", nullable=False),
        text("box", nullable=True),
    ],
    ids=["required", "required, and null", "belongs", "never null", "no reference"],
)
def test_what_must_hold_can_not_be_loose(field: Field) -> None:
    with pytest.raises(ValueError, match="box: only a reference that may be null"):
        replace(field, loose=True)
