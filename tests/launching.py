"""Two processes on the CPU under Paddle's launcher."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

from .conftest import ROOT


def launch(folder, script, *argv, options=(), **environment):
    """Start a script in two processes; their logs are in ``folder/log``.

    ``options`` are the launcher's, whose own output is in ``folder/launcher``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "paddle.distributed.launch", *options]
    command += ["--nproc_per_node", "2", "--log_dir", str(folder / "log")]
    with open(folder / "launcher", "a") as out:
        return subprocess.Popen(
            [*command, str(ROOT / script), *map(str, argv)],
            env={**os.environ, "PADDLE_DISTRI_BACKEND": "gloo", **environment},
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd=str(ROOT),
        )


def log(folder, rank=0):
    path = folder / f"log/workerlog.{rank}"
    return path.read_text() if path.exists() else ""


def ended(launcher, folder):
    """Wait for a launcher that succeeds; return the first process's log."""
    assert launcher.wait() == 0, log(folder)[-3000:] + log(folder, 1)[-3000:]
    return log(folder)


def ranks(launcher):
    """The ids of the two processes."""
    path = Path(f"/proc/{launcher.pid}/task/{launcher.pid}/children")
    pids = map(int, path.read_text().split())
    return [p for p in pids if b"train.py" in Path(f"/proc/{p}/cmdline").read_bytes()]


def wait_for(launcher, folder, pattern):
    """Wait until the first process logs something, or all ends."""
    while launcher.poll() is None and not re.search(pattern, log(folder)):
        time.sleep(0.02)
