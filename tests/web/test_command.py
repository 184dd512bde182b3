"""The command, up to the page."""

import os
import shlex
import signal
import socket
import subprocess
import sys
import urllib.request
from types import SimpleNamespace

import pytest

from ppdet_hourglass.cli import main

from ..conftest import ROOT
from ..networks import TINY
from ..test_readme import line_with


@pytest.fixture
def fails(capsys):
    """Runs the command, which must fail, and returns its line."""

    def run(*argv):
        assert main(["web", *argv]) == 1
        return capsys.readouterr().err.splitlines()[-1]

    return run


def test_without_gradio(fails, monkeypatch):
    monkeypatch.setitem(sys.modules, "gradio", None)
    monkeypatch.delitem(sys.modules, "ppdet_hourglass.web.local_page", raising=False)
    assert fails() == (
        "error: gradio is not installed: pip install '.[web]' in the clone, with "
        "Python 3.10 or later"
    )


def test_without_a_network(fails, tmp_path, monkeypatch):
    pytest.importorskip("gradio", reason="needs gradio")
    monkeypatch.chdir(tmp_path)
    error = fails()
    weights = "output/hourglass_sample/best_model.pdparams"
    for part in ("--exported DIR", "-c FILE", weights, "`make demo`"):
        assert part in error


def test_a_missing_exported_folder(fails, tmp_path):
    pytest.importorskip("gradio", reason="needs gradio")
    assert fails("--exported", f"{tmp_path}/no") == (
        f"error: folder of the exported model {tmp_path}/no does not exist"
    )


@pytest.mark.parametrize(
    "number, status", [(signal.SIGINT, 0), (signal.SIGTERM, 128 + signal.SIGTERM)]
)
def test_the_readmes_line_serves_the_page_until_a_signal(
    weights, tmp_path, number, status
):
    """Nothing that was uploaded is left then."""
    pytest.importorskip("gradio", reason="needs gradio")
    (tmp_path / "files").mkdir()
    (tmp_path / "configs").symlink_to(ROOT / "configs")
    words = shlex.split(line_with("ppdet_hourglass web"))
    config = words.index("configs/hourglass_mpii_256.yml")
    words[config] = "configs/hourglass_sample.yml"
    port = free_port()
    words = [
        *words[1:-1],
        f"weights={weights}",
        *TINY,
        "use_gpu=false",
        f"--port={port}",
    ]
    process = subprocess.Popen(
        [sys.executable, *words],
        cwd=str(tmp_path),
        env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": f"{tmp_path}/files"},
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    address = f"http://127.0.0.1:{port}/"
    lines = iter(process.stderr.readline, "")
    assert any(line.startswith(f"open {address} in a browser") for line in lines)
    with urllib.request.urlopen(address) as page:
        assert "Poses by hourglass_sample" in page.read().decode()
    with pytest.raises(OSError):  # not on the other addresses of this computer
        socket.create_connection(("127.0.0.2", port), timeout=1)
    (folder,) = (tmp_path / "files").glob("tmp*")
    (folder / "upload.png").write_text("somebody's")
    process.send_signal(number)
    assert process.wait(20) == status
    assert "Traceback" not in process.stderr.read()
    assert not folder.exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["configs", "files"]


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def test_the_sample_networks_pictures(tmp_path, monkeypatch):
    pytest.importorskip("gradio", reason="needs gradio")
    from ppdet_hourglass.cli import infer_web

    weights = tmp_path / "w.pdparams"
    weights.touch()
    monkeypatch.setattr(infer_web, "SAMPLE_WEIGHTS", str(weights))
    args = SimpleNamespace(exported=None, config=None, opt=["x=1"])
    about = infer_web._about(args, str(tmp_path))
    assert args.opt == [f"weights={weights}", "x=1"] and "sample" in args.config
    assert len(about.examples) == 4 and all(map(os.path.isfile, about.examples))
