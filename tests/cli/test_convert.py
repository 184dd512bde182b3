import sys

import numpy as np
import paddle
import pytest

from ppdet_hourglass.cli import main
from ppdet_hourglass.convert import conversion

from ..convert.states import bearpaw, princeton


@pytest.fixture
def convert(tmp_path, monkeypatch, capsys):
    """Runs the command on a state dictionary; PyTorch need not be there."""

    def run(state, *flags, out="out.pdparams", others=()):
        read = (state, list(others))
        monkeypatch.setattr(conversion, "read_checkpoint", lambda path: read)
        status = main(["convert", "a.pth", str(tmp_path / out), *flags])
        return status, capsys.readouterr().err.replace(str(tmp_path), "DIR")

    return run


def test_weights_arrive_and_every_key_is_listed(convert, caplog, tmp_path):
    caplog.set_level("INFO")
    state = princeton()
    state["outs.1.conv.bias"][:] = [0, 1, 2, 3, 4]
    wrapped = {f"model.module.{key}": value for key, value in state.items()}
    assert convert(wrapped, "--verify", others=["epoch"]) == (0, "")
    written = paddle.load(str(tmp_path / "out.pdparams"))
    bias = written["backbone.heatmaps.1.bias"]
    assert bias.numpy().tolist() == [0, 1, 2, 3, 4]
    log = [record.getMessage() for record in caplog.records]
    listed = {line.split(" ")[0] for line in log}
    assert set(state) <= listed
    assert "outs.1.conv.bias -> backbone.heatmaps.1.bias [5]" in log
    step = "pre.0.bn.num_batches_tracked"
    assert f"{step} has no counterpart: no forward pass uses it" in log
    assert "keys began with model.module., omitted above" in log
    assert "not converted, not weights: epoch" in log
    assert "verified: 2 stacks give finite heatmaps 64x64" in log
    assert log[-1].startswith(f"wrote {tmp_path}/out.pdparams; evaluate: python ")
    assert "-c configs/hourglass8_mpii_256_princeton.yml -o " in log[-1]


def test_an_existing_file_is_kept_unless_told(convert, tmp_path):
    out = tmp_path / "out.pdparams"
    out.write_text("mine")
    assert convert(bearpaw()) == (
        1,
        "error: DIR/out.pdparams exists: add --overwrite to replace it\n",
    )
    assert out.read_text() == "mine"
    assert convert(bearpaw(), "--overwrite") == (0, "")
    assert "backbone.stem.0.0.weight" in paddle.load(str(out))


def test_nothing_is_written_for_a_checkpoint_that_does_not_fit(convert, tmp_path):
    state = bearpaw()
    state["more"] = np.ones(1)
    assert convert(state) == (
        1,
        "error: checkpoint a.pth: 1 of its keys are not in the network, more first\n",
    )
    assert list(tmp_path.iterdir()) == []


def test_a_verification_that_fails_writes_nothing(convert, tmp_path):
    state = bearpaw()
    state["score.1.bias"][3] = np.nan
    status, message = convert(state, "--verify")
    assert status == 1 and message.startswith(
        "error: checkpoint a.pth: --verify: heatmaps of stack 2 must be finite, of "
        "shape (1, 5, 64, 64), but got (1, 5, 64, 64) between nan and nan"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "out, message",
    [
        ("out.pth", "OUT must end in .pdparams, but got DIR/out.pth"),
        ("file/out.pdparams", "output folder DIR/file cannot be written: "),
    ],
)
def test_a_place_that_cannot_be_written(convert, tmp_path, out, message):
    (tmp_path / "file").write_text("no folder")
    status, error = convert(bearpaw(), out=out)
    assert status == 1 and error.startswith(f"error: {message}")
    assert error.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_without_pytorch(tmp_path, monkeypatch, capsys):
    (tmp_path / "a.pth").write_text("")
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.setattr("builtins.__import__", _without_torch(__import__))
    args = [str(tmp_path / "a.pth"), str(tmp_path / "out.pdparams")]
    assert main(["convert", *args]) == 1
    assert capsys.readouterr().err == (
        "error: torch is not installed: pip install '.[convert]' in the clone\n"
    )


def _without_torch(stock):
    def find(name, *args, **kwargs):
        if name == "torch":
            raise ModuleNotFoundError("No module named 'torch'", name="torch")
        return stock(name, *args, **kwargs)

    return find
