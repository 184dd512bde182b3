"""The command, up to the page."""

import sys

import pytest

from ppdet_hourglass.cli import main


@pytest.fixture
def fails(capsys):
    """Runs the command, which must fail, and returns its line."""

    def run(*argv):
        assert main(["web", *argv]) == 1
        return capsys.readouterr().err.splitlines()[-1]

    return run


def test_without_gradio(fails, monkeypatch):
    monkeypatch.setitem(sys.modules, "gradio", None)
    monkeypatch.delitem(sys.modules, "ppdet_hourglass.web.page", raising=False)
    assert fails() == (
        "error: gradio is not installed: pip install '.[web]' in the clone, with "
        "Python 3.10 or later"
    )


def test_without_a_network(fails, tmp_path, monkeypatch):
    pytest.importorskip("gradio", reason="needs gradio")
    monkeypatch.chdir(tmp_path)
    assert fails() == (
        "error: no network is named (--exported DIR or -c FILE), and the sample "
        "network output/hourglass_sample/best_model.pdparams does not exist: "
        "`make demo` trains it in 8 minutes"
    )


def test_a_missing_exported_folder(fails, tmp_path):
    pytest.importorskip("gradio", reason="needs gradio")
    assert fails("--exported", f"{tmp_path}/no") == (
        f"error: folder of the exported model {tmp_path}/no does not exist"
    )
