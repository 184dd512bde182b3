"""The page itself, made by gradio."""

from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Sequence, Tuple

import gradio as gr

from ..errors import UserError
from ..predict.estimator import PoseEstimator
from .answer import Answers
from .handlers import NOTHING_YET, Handlers
from .upload import MAX_FILE

#: Fonts of the visitor's system, so that no server is asked for one.
THEME = gr.themes.Base(
    primary_hue="blue", font=["system-ui", "sans-serif"], font_mono=["monospace"]
)

#: Seconds between two clean-ups, and age of what is removed.
CLEANED = (600, 3600)

HOW = """Drop a picture of a person, paste one, or take one with the webcam. {people}
To choose people yourself, **click two opposite corners around each person in the
picture with the poses.** Joints that the network is not sure of are drawn faintly."""

CSS = "#drawn img { cursor: crosshair; }"

PICTURE_HEIGHT = "min(60vh, 90vw)"

#: The handlers serve this page only, and take turns.
HIDDEN: Dict[str, Any] = {"api_visibility": "private", "concurrency_id": "page"}


@dataclass(frozen=True)
class About:
    """What the page says about its network.

    Attributes:
        title: heading.
        text: Markdown below it.
        examples: paths of pictures to try.
    """

    title: str
    text: str
    examples: Sequence[str] = ()


def page(estimator: PoseEstimator, about: About) -> gr.Blocks:
    """Build the page."""
    handlers = Handlers(Answers(estimator))
    people = (
        "The whole picture is taken for one person."
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
                picture, examples = _input(about.examples)
            with gr.Column():
                drawn, text, records, download, clear = _result()
        shown = [asked, drawn, text, records, download, clear]
        # Without gradio's preprocessing, which decodes any format in any size.
        dropped = {"fn": handlers.dropped, "inputs": picture, "outputs": shown}
        picture.input(**dropped, preprocess=False, **HIDDEN)
        if examples:
            examples.load_input_event.then(**dropped, preprocess=False, **HIDDEN)
        drawn.select(handlers.clicked, asked, shown, **HIDDEN)
        clear.click(handlers.cleared, asked, shown, **HIDDEN)
    return blocks


def _input(examples: Sequence[str]) -> Tuple[gr.Image, Optional[gr.Examples]]:
    picture = gr.Image(
        label="Picture", height=PICTURE_HEIGHT, buttons=[], elem_id="picture"
    )
    if not examples:
        return picture, None
    return picture, gr.Examples(list(examples), picture, label="Pictures to try")


def _result() -> List[Any]:
    drawn = gr.Image(
        label="Poses: right red, left blue",
        format="jpeg",
        height=PICTURE_HEIGHT,
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
        )
    except OSError:
        raise UserError(
            f"the page cannot be served at {host}:{port}: is the port taken? Another "
            "one: --port"
        ) from None
    return address
