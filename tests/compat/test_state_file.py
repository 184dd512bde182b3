"""Weight files are read as data: nothing in them runs."""

import os
import pickle

import numpy as np
import paddle
import pytest

from ppdet_hourglass.compat.state_file import refuse_code
from ppdet_hourglass.errors import UserError


class Calls:
    """Pickled as a call of a function, as an attacker would."""

    def __init__(self, function, *args):
        self.call = function, args

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize("protocol", [2, 3, 4])
def test_what_paddle_saves_is_data(tmp_path, protocol):
    net = paddle.nn.Linear(2, 3)
    adam = paddle.optimizer.Adam(
        paddle.optimizer.lr.PiecewiseDecay([1], [0.1, 0.01]),
        parameters=net.parameters(),
    )
    net(paddle.ones([1, 2])).sum().backward()
    adam.step()
    nested = {"scaler": {"scale": paddle.ones([2])}, "list": [1, "a", None, 2.5]}
    for state in (net.state_dict(), adam.state_dict(), nested):
        paddle.save(state, str(tmp_path / "a.pdparams"), protocol=protocol)
        refuse_code(str(tmp_path / "a.pdparams"), "weights")


@pytest.mark.parametrize(
    "call, name",
    [
        (Calls(os.mkdir, "made"), "posix.mkdir"),
        (Calls(eval, "open('made', 'w')"), "builtins.eval"),
        (Calls(getattr, "text", "format"), "builtins.getattr"),
        (Calls(np.fromfile, "/etc/hostname"), "numpy.fromfile"),
    ],
)
def test_code_is_refused_and_does_not_run(tmp_path, monkeypatch, call, name):
    monkeypatch.chdir(tmp_path)
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        (tmp_path / "bad.pdparams").write_bytes(pickle.dumps({"w": call}, protocol))
        with pytest.raises(UserError) as error:
            refuse_code("bad.pdparams", "weights bad.pdparams (weights)")
        assert "could run code and is not read" in str(error.value)
        assert name.split(".")[1] in str(error.value)
    assert os.listdir(tmp_path) == ["bad.pdparams"]


@pytest.mark.parametrize("content", [b"", b"torn", b"\x80\x04\x95", b"(lp0\n"])
def test_damage_is_one_line(tmp_path, content):
    path = tmp_path / "cut.pdparams"
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"^weights cannot be read: .") as error:
        refuse_code(str(path), "weights")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("put", [b"r\xff\xff\xff\x7f", b"p2147483647\n"])
def test_a_small_file_that_asks_for_much_memory(tmp_path, put):
    """Python's compiled reader makes room for 2 billion objects; by ``make fuzz``."""
    path = tmp_path / "a.pdparams"
    path.write_bytes(b"\x80\x02}" + put + b".")
    with pytest.raises(UserError) as error:
        refuse_code(str(path), "weights a")
    assert (
        str(error.value)
        == "weights a cannot be read: it numbers more objects than it has"
    )
