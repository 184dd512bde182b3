"""The page, by gradio, and its access control."""

import math
import os
import re
import socket
import tempfile
from dataclasses import dataclass
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple
from urllib.parse import urlsplit

import gradio as gr
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse

from ..errors import UserError
from ..metrics.results import RESULTS_NAME, write_results
from ..predict.estimator import PoseEstimator
from ..predict.sources import Frame
from .answer import (
    LEAST_SIDE,
    MAX_FILE,
    SHOWN_PX,
    Asked,
    answer,
    read_upload,
    shown_zoom,
)

#: Environment variable that names the folder of the page's files.
FOLDER = "GRADIO_TEMP_DIR"

#: Fonts of the visitor's system, so the page loads none from a server.
THEME = gr.themes.Base(
    primary_hue="blue", font=["system-ui", "sans-serif"], font_mono=["monospace"]
)

#: Seconds between two clean-ups, and age of what is removed.
CLEANED = (600, 3600)

HOW = """Drop an image of a person, paste one, or take one with the webcam. {people}
To choose people yourself, **click two opposite corners around each person in the
image with the poses.** Joints that the network is not sure of are drawn faintly."""

NOTHING_YET = "Waiting for an image."

CSS = "#drawn img { cursor: crosshair; }"

HEIGHT = "min(60vh, 90vw)"

#: The handlers serve this page only, and take turns.
HIDDEN: Dict[str, Any] = {"api_visibility": "private", "concurrency_id": "page"}

#: Names and addresses of this computer that no other computer reaches.
LOOPBACK = ("127.0.0.1", "localhost", "::1")

#: Hosts that stand for all addresses of this computer.
EVERYWHERE = ("0.0.0.0", "::")

#: An address in place of a name, which no web site can make its own.
ADDRESS = r"[0-9.]+|[0-9a-f.]*:[0-9a-f:.]*"

#: Addresses below which gradio calls handlers directly, lists them, or asks other
#: servers.  The page itself uses its queue.
CLOSED = tuple(
    f"/gradio_api/{name}"
    for name in ("api/", "run/", "call/", "info", "openapi.json", "proxy=", "file=http")
)

#: The state, the drawn image, the text, the records, and the two buttons.
Values = Tuple[Any, ...]


@dataclass(frozen=True)
class About:
    """What the page says about its network.

    Attributes:
        title: heading.
        text: Markdown below it.
        examples: paths of images to try.
    """

    title: str
    text: str
    examples: Sequence[str] = ()


class Handlers:
    """Handles what a visitor does; returns the new values of the page's parts."""

    def __init__(self, estimator: PoseEstimator) -> None:
        self._estimator = estimator

    def dropped(self, upload: Any) -> Values:
        """Predict a new image: gradio's description of an upload, None if removed."""
        path = upload.get("path") if isinstance(upload, dict) else None
        if not isinstance(path, str):
            return _nothing(NOTHING_YET)
        asked = Asked(path, str(upload.get("orig_name") or path))
        return self._show(asked, lambda frame: asked)

    def clicked(self, asked: Optional[Asked], click: gr.SelectData) -> Values:
        """Take a click in the shown image as a corner of a box."""

        def with_click(frame: Frame) -> Asked:
            zoom = shown_zoom(frame.image)
            x, y = (float(place) / zoom for place in click.index)
            if not math.isfinite(x + y):
                return asked
            return asked.clicked((x, y), LEAST_SIDE * SHOWN_PX / zoom)

        return self._show(asked, with_click)

    def cleared(self, asked: Optional[Asked]) -> Values:
        """Forget the visitor's boxes."""
        return self._show(asked, lambda frame: Asked(asked.path, asked.name))

    def _show(self, asked: Optional[Asked], change: Callable[[Frame], Asked]) -> Values:
        if asked is None:
            return _nothing(NOTHING_YET)
        folder = os.environ[FOLDER]
        try:
            frame = read_upload(asked.path, asked.name, folder)
        except UserError as error:
            return _nothing(str(error))
        asked = change(frame)
        shown = answer(self._estimator, frame, asked)
        path = os.path.join(tempfile.mkdtemp(dir=folder), RESULTS_NAME)
        write_results(path, shown.records)
        file = gr.update(value=path, interactive=True)
        clear = gr.update(interactive=bool(asked.boxes or asked.corner))
        return asked, shown.image, shown.text, shown.records, file, clear


def _nothing(text: str) -> Values:
    """The parts' values without an image."""
    off = gr.update(interactive=False)
    return None, None, text, None, off, off


def page(estimator: PoseEstimator, about: About) -> gr.Blocks:
    """Build the page."""
    handlers = Handlers(estimator)
    people = (
        "The whole image counts as one person."
        if estimator.detector is None
        else "A detector finds the people."
    )
    with gr.Blocks(
        title=about.title, analytics_enabled=False, delete_cache=CLEANED
    ) as blocks:
        gr.Markdown(f"# {about.title}\n{about.text}\n\n{HOW.format(people=people)}")
        asked = gr.State(None)
        with gr.Row():
            with gr.Column():
                image = gr.Image(
                    label="Image", height=HEIGHT, buttons=[], elem_id="picture"
                )
                examples = about.examples and gr.Examples(
                    list(about.examples), image, label="Images to try"
                )
            with gr.Column():
                drawn, text, records, download, clear = _result()
        shown = [asked, drawn, text, records, download, clear]
        # Without gradio's preprocessing, which decodes any format in any size.
        dropped = {"fn": handlers.dropped, "inputs": image, "outputs": shown}
        image.input(**dropped, preprocess=False, **HIDDEN)
        if examples:
            examples.load_input_event.then(**dropped, preprocess=False, **HIDDEN)
        drawn.select(handlers.clicked, asked, shown, **HIDDEN)
        clear.click(handlers.cleared, asked, shown, **HIDDEN)
    for event in blocks.fns.values():
        event.queue = True  # gr.Examples would call its own handler directly
    return blocks


def _result() -> List[Any]:
    drawn = gr.Image(
        label="Poses: right red, left blue",
        format="jpeg",
        height=HEIGHT,
        interactive=False,
        buttons=["download", "fullscreen"],
        elem_id="drawn",
    )
    text = gr.Textbox(
        NOTHING_YET,
        label="What was found",
        show_label=False,
        container=False,
        interactive=False,
        elem_id="found",
    )
    with gr.Row():
        clear = gr.Button("Remove my boxes", interactive=False)
        download = gr.DownloadButton(
            "Download JSON", variant="primary", interactive=False
        )
    with gr.Accordion("Records of the JSON file", open=False):
        records = gr.JSON(show_label=False)
    return [drawn, text, records, download, clear]


def launch(blocks: gr.Blocks, host: str, port: int) -> str:
    """Start serving a page, and return its address; ``blocks.close()`` ends it.

    Raises:
        UserError: the port is taken, or there is no such host.
    """
    try:
        _, address, _ = blocks.launch(
            server_name=host,
            server_port=port,
            share=False,
            inbrowser=False,
            quiet=True,
            prevent_thread_lock=True,
            max_file_size=MAX_FILE,
            footer_links=[],
            run_history=False,
            enable_monitoring=False,
            ssr_mode=False,
            theme=THEME,
            css=CSS,
            app_kwargs={"middleware": [Middleware(Guard, host=host)]},
        )
    except OSError:
        raise UserError(
            f"the page cannot be served at {host}:{port}: is the port in use? --port "
            "selects another"
        ) from None
    return address


class Guard:
    """Answers only requests for the host that the page was started for.

    Otherwise a web site could point its own name at this computer (DNS rebinding), or
    send requests across sites, and read the page's answers.

    Args:
        app: the application behind it.
        host: where the page is served.
    """

    def __init__(self, app: Any, host: str) -> None:
        self._app, self._host = app, host

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            headers = {name.lower(): value for name, value in scope["headers"]}
            asked = headers.get(b"host", b"").decode("latin-1")
            origin = headers.get(b"origin", b"").decode("latin-1")
            problem = None
            if not is_allowed(asked, self._host):
                problem = PlainTextResponse("this page has another host", 403)
            elif origin and urlsplit(origin).netloc != asked:
                problem = PlainTextResponse("this page is not for other sites", 403)
            elif scope["path"].startswith(CLOSED):
                problem = PlainTextResponse("not found", 404)
            if problem is not None:
                await problem(scope, receive, send)
                return
        await self._app(scope, receive, send)


def is_allowed(asked: str, host: str) -> bool:
    """Whether a request may name this host.

    Args:
        asked: the request's header ``Host``, with or without a port.
        host: where the page is served.  On all addresses (``0.0.0.0``), it is reached
            by any address, and by this computer's own name.
    """
    try:
        name = urlsplit(f"//{asked}").hostname or ""
    except ValueError:
        return False
    if host in LOOPBACK:
        return name in LOOPBACK
    if host in EVERYWHERE:
        own = {"localhost", socket.gethostname().lower(), socket.getfqdn().lower()}
        return name in own or re.fullmatch(ADDRESS, name) is not None
    return name == host.lower()
