"""What a newcomer does first: start the demo, paste what it prints."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import httpx2
from tests.server.running import COMMAND, PATIENCE


def signs_in(said: str) -> bool:
    """Whether what is said about the web pages leads to somebody's account."""
    page, email, password = re.findall(r"^Web pages: (\S+), as (\S+) with the password (\S+)$", said, flags=re.M)[0]
    with httpx2.Client(follow_redirects=True) as browser:
        token = re.findall(r'name="form_token" value="([^"]+)"', browser.get(page).text)[0]
        form = {"form_token": token, "email": email, "password": password}
        return "Mira Okafor" in browser.post(page, data=form).text


def test_the_demos_printed_lines_work_as_pasted(tmp_path: Path) -> None:
    command = [str(COMMAND), "serve", "--demo", "--port", "0"]
    with (
        (tmp_path / "log").open("w") as log,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, cwd=tmp_path) as process,
    ):
        assert process.stdout is not None
        lines = [process.stdout.readline()]
        while not lines[-1].startswith("print("):
            assert process.poll() is None, (tmp_path / "log").read_text("utf-8")
            lines.append(process.stdout.readline())
        pasted = [[sys.executable, "-c", "".join(lines[lines.index("import asana\n") :])]]
        if shutil.which("curl"):
            pasted.append(["bash", "-c", next(line for line in lines if line.startswith("curl "))])
        for each in pasted:
            ran = subprocess.run(each, capture_output=True, text=True, check=True, timeout=PATIENCE)
            assert ran.stdout.count("status_code") == 2
            assert "errors" not in ran.stdout
        assert signs_in("".join(lines))
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
    assert list(tmp_path.iterdir()) == [tmp_path / "log"], "the demo's database is thrown away"
