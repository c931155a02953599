"""The program of one worker among several: `supervising` starts it and holds the other end of its standard input."""

from __future__ import annotations

import json
import socket
import sys

from batchwright.cli import MISTAKEN
from batchwright.cli.options import Mistake
from batchwright.settings import Settings


def main() -> int:
    """Serve until SIGTERM, or until nobody holds the other end of the line any more."""
    from batchwright.cli import serving

    with socket.socket(fileno=0) as line:
        with line.makefile("rb", buffering=0) as lines:
            order = json.loads(lines.readline())

        def tell(**what: object) -> None:
            line.setblocking(True)
            line.sendall(json.dumps(what).encode() + b"\n")
            line.setblocking(False)

        place = serving.Place(order["place"], order["first"], line)
        try:
            serving.run(Settings(**order["settings"]), place, lambda demo: tell(serves=True, demo=demo))
        except Mistake as mistake:
            tell(mistake=str(mistake))
            return MISTAKEN
    return 0


if __name__ == "__main__":
    sys.exit(main())
