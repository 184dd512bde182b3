"""A written video in a real browser: Chromium, without a window."""

import base64
import json
import shutil
import subprocess
import threading
from fractions import Fraction
from http.server import BaseHTTPRequestHandler, HTTPServer

import numpy as np
import pytest

from ppdet_hourglass.predict.outputs import DrawnVideo
from ppdet_hourglass.predict.sources import Frame

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic"),
    *("--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)

#: Seeks to the middle of each frame and sends what is in the picture's middle.
PAGE = """<script>
const video = document.createElement("video");
const canvas = document.createElement("canvas");
const send = (seen) => fetch("/", {method: "POST", body: JSON.stringify(seen)});
video.onerror = () => send({problem: video.error.message});
video.onloadeddata = async () => {
  const [width, height] = [video.videoWidth, video.videoHeight];
  const frames = [];
  [canvas.width, canvas.height] = [width, height];
  for (let frame = 0; frame < COUNT; frame++) {
    await new Promise((done) => {
      video.onseeked = done;
      video.currentTime = (frame + 0.5) * video.duration / COUNT;
    });
    // On a busy machine the event comes before the frame can be drawn.
    await new Promise((done) => setTimeout(done, 200));
    const picture = canvas.getContext("2d");
    picture.drawImage(video, 0, 0);
    const middle = picture.getImageData(width / 2, height / 2, 1, 1);
    frames.push([...middle.data.slice(0, 3)]);
  }
  send({size: [width, height], duration: video.duration, frames});
};
video.src = "data:video/mp4;base64,VIDEO";
</script>"""


def play(folder, video, count):
    """What a browser finds in a video of ``count`` frames."""
    content = base64.b64encode(video.read_bytes()).decode()
    page = PAGE.replace("COUNT", str(count)).replace("VIDEO", content).encode()
    seen = []

    class Site(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(page if self.path == "/" else b"")

        def do_POST(self):
            seen.append(
                json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            )
            self.send_response(200)
            self.end_headers()
            told.set()

        def log_message(self, *_):
            """Nothing."""

    told = threading.Event()
    site = HTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=site.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{site.server_port}/"
    argv = [CHROMIUM, *FLAGS, f"--user-data-dir={folder}/profile", url]
    with (folder / "log").open("w") as log:
        browser = subprocess.Popen(argv, stdout=log, stderr=log)
        try:
            assert told.wait(60), (folder / "log").read_text()[-2000:]
        finally:
            browser.terminate()
            browser.wait(30)
            site.shutdown()
            site.server_close()
    return seen[0]


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
@pytest.mark.parametrize(
    "size, shown", [((120, 160), [160, 120]), ((49, 65), [66, 50])]
)
def test_a_browser_plays_it(tmp_path, size, shown):
    """Every frame is in its place, to the last, in its colour."""
    pytest.importorskip("av")
    video = DrawnVideo(str(tmp_path / "a.mp4"), Fraction(30000, 1001))
    colors = [(30 * k, 250 - 30 * k, 128) for k in range(8)]
    for number, color in enumerate(colors):
        picture = np.full((*size, 3), color[::-1], np.uint8)
        video.write(Frame("a.avi", number, picture), picture)
    video.close()
    seen = play(tmp_path, tmp_path / "a.mp4", len(colors))
    assert seen["size"] == shown
    assert seen["duration"] == pytest.approx(8 * 1001 / 30000, abs=1e-3)
    assert np.abs(np.subtract(seen["frames"], colors)).max() <= 6


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
def test_the_browser_refuses_what_it_cannot_play(tmp_path):
    """MPEG-4 as OpenCV writes it: the test above can fail."""
    import cv2

    codec = cv2.VideoWriter_fourcc(*"mp4v")
    writer = cv2.VideoWriter(str(tmp_path / "a.mp4"), codec, 25, (64, 48))
    writer.write(np.zeros((48, 64, 3), np.uint8))
    writer.release()
    assert "problem" in play(tmp_path, tmp_path / "a.mp4", 1)
