from __future__ import annotations

import re
from pathlib import Path

from batchwright import settings
from batchwright.resources import OPERATIONS

README = (Path(__file__).parent.parent / "README.md").read_text("utf-8")


def test_the_table_of_settings_is_the_declaration() -> None:
    rows = re.findall(r"^\| `([a-z_]+)` \| (?:`([^`]*)`)? ?\| (.+) \|$", README, flags=re.M)
    declared = [
        (name, str(settings.default(name)).replace("False", "false"), settings.meaning(name))
        for name in settings.names()
    ]
    assert rows == declared


def test_what_is_said_to_be_built_is_built() -> None:
    said = re.findall(r"^Complete, .*?: (.*?)\.", README, flags=re.M | re.S)[0]
    tags = {tag.strip() for tag in " ".join(said.split()).split(",")}
    assert tags == {each.tag for each in OPERATIONS if each.built and not each.alias} | {"Batch API"}
    waiting = [each.id for each in OPERATIONS if not each.built and each.tag in tags]
    assert [id for id in waiting if not re.search(r"CustomField|CustomID|Template|Goal", id)] == []
