"""Faulty pictures, made by hand."""

import cv2
import numpy as np

from ppdet_hourglass.data.checks import problems
from ppdet_hourglass.data.checks.pictures import look_at, look_at_all

from ..turned import write_turned


def test_pictures(tmp_path):
    image = np.random.default_rng(0).integers(0, 255, (20, 30, 3), np.uint8)
    content = cv2.imencode(".jpg", image)[1].tobytes()
    png = cv2.imencode(".png", image)[1].tobytes()
    for name, data in (
        *(
            ("whole.jpg", content),
            ("cut.jpg", content[:-30]),
            ("tiny.jpg", content[:9]),
        ),
        *(("text.jpg", b"no picture"), ("empty.jpg", b""), ("cut.png", png[:-80])),
    ):
        (tmp_path / name).write_bytes(data)
    write_turned(tmp_path / "turned.jpg", 6)

    def look(name, **options):
        return look_at(str(tmp_path / name), **options)

    assert look("whole.jpg").size == (30, 20) and look("whole.jpg").problem is None
    assert look("none.jpg").problem == problems.MISSING
    assert look("cut.jpg").problem == problems.CUT_OFF
    assert look("cut.jpg").detail == f"image {tmp_path}/cut.jpg is cut off"
    assert look("tiny.jpg").problem == problems.CUT_OFF
    for name in ("text.jpg", "empty.jpg"):
        assert look(name).problem == problems.UNREADABLE, name
    assert look("turned.jpg").tag == 6
    assert look("cut.png").problem is None  # its header is whole
    assert look("cut.png", decode=True).problem == problems.CUT_OFF
    paths = [str(tmp_path / name) for name in ("whole.jpg", "cut.jpg", "none.jpg")] * 30
    several = list(look_at_all(paths, decode=True, workers=2))
    assert several == list(look_at_all(paths, decode=True, workers=1))
