"""What the page answers to others than its own script, over HTTP."""

import http.client
import json
import os
import urllib.request

import numpy as np
import pytest
from PIL import Image

from ppdet_hourglass.keypoints.keypoint_set import read_keypoints
from ppdet_hourglass.modeling.codec import HeatmapCodec
from ppdet_hourglass.predict.estimator import PoseEstimator
from ppdet_hourglass.predict.model_spec import ModelSpec

from .test_command import free_port

pytest.importorskip("gradio", reason="needs gradio")

GRAY = (0.5, 0.5, 0.5)
SPEC = ModelSpec((16, 16), GRAY, GRAY, read_keypoints("mpii"), HeatmapCodec(False))


def network(inputs):
    return np.ones((len(inputs), 16, 4, 4), np.float32)


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """A page's port and its folder."""
    folder = tmp_path_factory.mktemp("page")
    before = os.environ.copy()
    os.environ.update(GRADIO_ANALYTICS_ENABLED="False", GRADIO_TEMP_DIR=str(folder))
    from ppdet_hourglass.web.local_page import About, launch, page

    port = free_port()
    blocks = page(PoseEstimator(network, SPEC), About("A test", ""))
    launch(blocks, "127.0.0.1", port)
    yield port, folder
    blocks.close(verbose=False)
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def ask(served):
    """Sends a request; returns status, headers and body."""

    def ask(method, path, body=None, host=None, **headers):
        port, _ = served
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        headers = {key.replace("_", "-"): value for key, value in headers.items()}
        headers["Host"] = host or f"127.0.0.1:{port}"
        if body is not None:
            headers["Content-Type"] = "application/json"
            body = json.dumps(body)
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read().decode()

    return ask


@pytest.fixture
def drop(served, ask):
    """Tells the page's script's own handler that a file was dropped; its last word."""

    def drop(path):
        port, _ = served
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/config") as answer:
            handlers = json.load(answer)["dependencies"]
        (number,) = [
            handler["id"] for handler in handlers if ["input"] in _events(handler)
        ]
        upload = {"path": str(path), "orig_name": "x.png"}
        job = {"data": [upload], "fn_index": number, "session_hash": "s"}
        assert ask("POST", "/gradio_api/queue/join", job)[0] == 200
        _, _, events = ask("GET", "/gradio_api/queue/data?session_hash=s")
        (last,) = [
            json.loads(line[6:])
            for line in events.splitlines()
            if "process_completed" in line
        ]
        return last["output"]["data"]

    return drop


def _events(handler):
    return [target[1:] for target in handler["targets"]]


def test_an_upload_is_answered(served, drop):
    path = served[1] / "x.png"
    Image.new("RGB", (30, 20)).save(path)
    _, drawn, text, records, *_ = drop(path)
    assert text == "The whole image counts as one person."
    assert drawn["path"].startswith(str(served[1])) and len(records) == 1


@pytest.mark.parametrize("kind", ["file", "link", "pipe"])
def test_other_files_are_not_shown(served, drop, tmp_path, kind):
    path = tmp_path / "secret.png"
    Image.new("RGB", (30, 20)).save(path)
    if kind == "link":
        (served[1] / "link.png").symlink_to(path)
        path = served[1] / "link.png"
    elif kind == "pipe":
        path = served[1] / "pipe.png"
        os.mkfifo(path)
    _, drawn, text, records, *_ = drop(path)
    assert drawn is None and records is None
    assert text == "x.png was not uploaded to this page"


@pytest.mark.parametrize("way", ["api", "run", "call"])
@pytest.mark.parametrize("handler", ["dropped", "clicked", "cleared", "predict"])
def test_handlers_cannot_be_called_directly(served, ask, way, handler):
    body = {"data": [{"path": str(served[1] / "x.png"), "orig_name": "x"}]}
    assert ask("POST", f"/gradio_api/{way}/{handler}", body)[0] == 404


def test_files_are_those_of_the_page(ask, tmp_path):
    path = tmp_path / "secret.png"
    Image.new("RGB", (30, 20)).save(path)
    assert ask("GET", f"/gradio_api/file={path}")[0] in (403, 404)
    assert ask("GET", "/gradio_api/file=http://127.0.0.1:1/x")[0] == 404
    assert ask("GET", "/gradio_api/proxy=http://127.0.0.1:1/x")[0] == 404


@pytest.mark.parametrize("host", ["evil.example", "evil.example:7860", "192.0.2.1", ""])
@pytest.mark.parametrize("path", ["/", "/config", "/gradio_api/queue/join"])
def test_another_host_is_refused(ask, host, path):
    """A web site whose name was made to stand for this computer's address."""
    assert ask("GET", path, host=host or " ")[0] == 403


def test_other_sites_are_refused(served, ask):
    own = f"127.0.0.1:{served[0]}"
    for origin in ("http://evil.example", "null", "http://127.0.0.1:1"):
        status, headers, _ = ask("GET", "/config", Origin=origin)
        assert status == 403
        preflight = ask(
            *("OPTIONS", "/config"),
            Origin=origin,
            Access_Control_Request_Method="POST",
        )
        for sent in (headers, preflight[1]):
            assert sent.get("access-control-allow-origin") != "http://evil.example"
    assert ask("GET", "/config", Origin=f"http://{own}")[0] == 200
    assert ask("GET", "/config", host=f"localhost:{served[0]}")[0] == 200


@pytest.mark.parametrize(
    "asked, host, allowed",
    [
        ("192.168.1.7:7860", "0.0.0.0", True),
        ("[2001:db8::1]:7860", "::", True),
        ("localhost", "0.0.0.0", True),
        ("evil.example", "0.0.0.0", False),
        ("Lab-PC:7860", "lab-pc", True),
        ("evil.example", "lab-pc", False),
        ("[::1]:7860", "127.0.0.1", True),
        ("[", "127.0.0.1", False),
    ],
)
def test_which_hosts_a_page_answers(asked, host, allowed):
    from ppdet_hourglass.web.local_page import is_allowed

    assert is_allowed(asked, host) is allowed
