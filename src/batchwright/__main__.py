"""`python -m batchwright` is the same command as `batchwright`."""

import sys

from batchwright.cli import main

if __name__ == "__main__":
    sys.exit(main())
