"""What may be in a weight file, where it comes from, and which layers it fits."""

import functools
import json
import struct
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import paddle
import pytest

from ppdet_hourglass.compat.weights import (
    download,
    load_weights,
    read_state,
)

from ..conftest import refused


@pytest.fixture
def net():
    return paddle.nn.Sequential(paddle.nn.Linear(2, 3), paddle.nn.Linear(3, 1))


def load(net, path, complete=True):
    load_weights(net, str(path), complete, "weights")


def saved(state, path):
    paddle.save(state, str(path))
    return path


@pytest.mark.parametrize("under", [None, "model", "net", "params", "ema_state_dict"])
def test_weights_are_found_under_the_keys_of_training_scripts(net, tmp_path, under):
    state = {key: paddle.full(value.shape, 3.0) for key, value in _state(net)}
    content = {under: state, "epoch": 3, "best": np.float64(0.9)} if under else state
    load(net, saved(content, tmp_path / "a.pdparams"))
    assert all(float(value.min()) == 3 for _, value in _state(net))


def _state(net):
    return net.state_dict().items()


@pytest.mark.parametrize(
    "content", [{}, {"model": {}}, {"epoch": 3}, {1: paddle.ones([1])}, {"a": {"b": 1}}]
)
@pytest.mark.parametrize("complete", [True, False])
def test_files_without_weights(net, tmp_path, content, complete):
    path = saved(content, tmp_path / "a.pdparams")
    message = refused(load, net, path, complete)
    assert str(path) in message and "(weights)" in message and "no layer" in message


def test_a_key_that_means_two_layers(tmp_path):
    net = paddle.nn.Sequential(paddle.nn.Linear(2, 2), paddle.nn.Linear(2, 2))
    path = saved({"weight": paddle.ones([2, 2])}, tmp_path / "a.pdparams")
    message = refused(load, net, path, False)
    assert "weight fits both 0.weight and 1.weight" in message


def test_ends_of_names_fit_and_the_longest_counts(tmp_path):
    net = paddle.nn.LayerDict({"a": paddle.nn.LayerDict({"b": paddle.nn.Linear(1, 1)})})
    state = {"b.weight": paddle.full([1, 1], 2.0), "weight": paddle.zeros([1, 1])}
    load(net, saved({**state, "bias": paddle.ones([1])}, tmp_path / "a.pdparams"))
    assert [value.item() for _, value in _state(net)] == [2.0, 1.0]


@pytest.mark.parametrize("name", ["zoo.pth", "zoo.pt", "http://127.0.0.1:9/zoo.pth"])
def test_files_of_pytorch(net, name):
    message = refused(load, net, name)
    assert name in message and "(weights)" in message and "convert" in message


def safetensors(header, data=b""):
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


EMPTY = {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]}


@pytest.mark.parametrize(
    "content",
    [
        safetensors({f"a{number}": EMPTY for number in range(100_000)}),
        safetensors({"a": {**EMPTY, "shape": [0, 2**40]}}),
        safetensors({"a": {**EMPTY, "shape": "long"}}),
        safetensors({"a": 3}),
        safetensors([1]),
        struct.pack("<Q", 2**63) + b"{}",
        b"[" * 100_000,
        b"",
    ],
    ids=range(8),
)
def test_safetensors_that_ask_for_much(tmp_path, content):
    pytest.importorskip("safetensors")
    path = tmp_path / "a.safetensors"
    path.write_bytes(content)
    message = refused(read_state, str(path), "weights")
    assert str(path) in message and "cannot be read: " in message and len(message) < 250


@pytest.fixture
def site(tmp_path, monkeypatch):
    """Serves two folders with files of one name; lists what was asked for."""
    pytest.importorskip("pooch", reason="weights by URL need pooch")
    for number, folder in enumerate(("one", "two.tar"), start=1):
        (tmp_path / "site" / folder).mkdir(parents=True)
        state = {"a": paddle.full([1], float(number))}
        saved(state, tmp_path / "site" / folder / "best_model.pdparams")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    monkeypatch.setattr("time.sleep", lambda seconds: None)  # before it tries again

    class Handler(SimpleHTTPRequestHandler):
        def log_request(self, *_):
            asked.append(self.path)

        def log_error(self, *_):
            pass

    asked = []
    handler = functools.partial(Handler, directory=str(tmp_path / "site"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()


def test_each_url_has_its_own_file_and_is_asked_for_once(site):
    url, asked = site
    paths = [f"{url}/{f}/best_model.pdparams" for f in ("one", "two.tar", "one")]
    values = [read_state(download(path, "weights"), "weights")["a"] for path in paths]
    assert [value.item() for value in values] == [1, 2, 1] and len(asked) == 2


def test_a_digest_is_checked(site):
    url = f"{site[0]}/one/best_model.pdparams"
    wrong = f"{url}#sha256={'0' * 64}"
    assert "sha256" in refused(download, wrong, "weights").lower()


@pytest.mark.parametrize(
    "name, asked_for", [("a.pdparams", 3), ("a.tar", 0), ("a.zip", 0), ("a", 0)]
)
def test_what_cannot_be_downloaded(site, name, asked_for):
    url, asked = site
    message = refused(download, f"{url}/one/{name}", "pretrain_weights")
    assert f"{url}/one/{name} (pretrain_weights)" in message and "\n" not in message
    assert len(asked) <= asked_for and ("404" in message) == bool(asked)


def test_no_server(site):
    message = refused(download, "http://127.0.0.1:9/a.pdparams", "weights")
    assert "cannot be downloaded" in message and "\n" not in message
