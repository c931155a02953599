"""A Redis of the benchmark's own, as the server's limits need it; it keeps nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.postgres import Missing

PATIENCE = 10  # seconds until it must listen


@contextmanager
def running(cores: Sequence[int]) -> Iterator[str]:
    """Its URL. Raises Missing."""
    program = shutil.which("redis-server")
    if program is None:
        raise Missing("Redis is not installed (redis-server was not found)")
    with tempfile.TemporaryDirectory(prefix="bench-redis-") as folder:
        path = Path(folder) / "redis.sock"
        flags = ["--port", "0", "--unixsocket", path, "--save", "", "--appendonly", "no", "--dir", folder]
        with subprocess.Popen(
            [program, *map(str, flags)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            preexec_fn=lambda: os.sched_setaffinity(0, cores),
        ) as process:
            try:
                give_up = time.monotonic() + PATIENCE
                while not path.exists():
                    if process.poll() is not None or time.monotonic() > give_up:
                        raise RuntimeError("Redis did not start")
                    time.sleep(0.05)
                yield f"unix://{path}"
            finally:
                process.terminate()
