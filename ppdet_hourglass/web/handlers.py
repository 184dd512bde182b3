"""What happens when a visitor drops a picture, clicks in it, or removes the boxes."""

import os
import tempfile
from typing import Any, Callable, Dict, List, Optional, Tuple

import gradio as gr

from ..errors import UserError
from ..metrics.results_file import RESULTS_NAME, write_results
from ..predict.sources import Frame
from .answer import LEAST_SIDE, SHOWN_PX, Answers, Asked, shown_zoom
from .upload import read_upload

#: The state, the drawn picture, the text, the records, and the two buttons.
Values = Tuple[Any, ...]


NOTHING_YET = "Waiting for a picture."


class Handlers:
    """Handles what a visitor does; returns the new values of the page's parts."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers

    def dropped(self, upload: Optional[Dict[str, Any]]) -> Values:
        """Predict a new picture: gradio's description of an upload, None if removed."""
        if upload is None:
            return _nothing(NOTHING_YET)
        path = upload["path"]
        asked = Asked(path, upload.get("orig_name") or path)
        return self._show(asked, lambda frame: asked)

    def clicked(self, asked: Asked, click: gr.SelectData) -> Values:
        """Take a click in the shown picture as a corner of a box."""

        def with_click(frame: Frame) -> Asked:
            zoom = shown_zoom(frame.image)
            x, y = (place / zoom for place in click.index)
            return asked.clicked((x, y), LEAST_SIDE * SHOWN_PX / zoom)

        return self._show(asked, with_click)

    def cleared(self, asked: Asked) -> Values:
        """Forget the visitor's boxes."""
        return self._show(asked, lambda frame: Asked(asked.path, asked.name))

    def _show(self, asked: Asked, changed: Callable[[Frame], Asked]) -> Values:
        try:
            frame = read_upload(asked.path, asked.name)
        except UserError as error:
            return _nothing(str(error))
        asked = changed(frame)
        answer = self._answers(frame, asked)
        file = gr.update(value=_file(answer.records), interactive=True)
        clear = gr.update(interactive=bool(asked.boxes or asked.corner))
        return asked, answer.picture, answer.text, answer.records, file, clear


def _nothing(text: str) -> Values:
    """Values of ``shown`` without a picture."""
    off = gr.update(interactive=False)
    return None, None, text, None, off, off


def _file(records: List[Dict[str, Any]]) -> str:
    """Write records to a file in the temporary folder of the page."""
    folder = tempfile.mkdtemp(dir=os.environ["GRADIO_TEMP_DIR"])
    path = os.path.join(folder, RESULTS_NAME)
    write_results(path, records)
    return path
