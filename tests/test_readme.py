from __future__ import annotations

import re
from pathlib import Path

from batchwright import settings

README = (Path(__file__).parent.parent / "README.md").read_text("utf-8")


def test_the_table_of_settings_is_the_declaration() -> None:
    rows = re.findall(r"^\| `([a-z_]+)` \| (?:`([^`]*)`)? ?\| (.+) \|$", README, flags=re.M)
    declared = [
        (name, str(settings.default(name)).replace("False", "false"), settings.meaning(name))
        for name in settings.names()
    ]
    assert rows == declared
