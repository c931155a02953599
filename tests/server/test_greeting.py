from __future__ import annotations

import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

import httpx2
from tests.server.running import COMMAND, PATIENCE
from torture.servers import free_port


def test_the_server_serves_though_nobody_reads_what_it_prints(tmp_path: Path) -> None:
    port, (ours, its) = free_port(), os.pipe()
    os.close(ours)
    command = [str(COMMAND), "serve", "--port", str(port), "--db", str(tmp_path / "server.db")]
    with (
        (tmp_path / "log").open("w") as errors,
        subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=its, stderr=errors) as process,
    ):
        os.close(its)
        answered = False
        while not answered and process.poll() is None:
            with suppress(httpx2.TransportError):
                answered = httpx2.get(f"http://127.0.0.1:{port}/healthz").status_code == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
    assert answered
    assert "Traceback" not in (tmp_path / "log").read_text("utf-8")
