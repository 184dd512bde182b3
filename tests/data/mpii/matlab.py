"""MPII's annotation file in miniature, nested as MATLAB nests it."""

import numpy as np
from scipy.io import savemat

EMPTY = np.empty((0, 0))


def number(value, dtype=np.float64):
    return np.array([[value]], dtype)


def structs(*elements):
    """A 1 x n struct array; a field that an element lacks is ``[]``, as in MATLAB."""
    if not elements:
        return EMPTY
    names = list(dict.fromkeys(name for element in elements for name in element))
    array = np.empty((1, len(elements)), dtype=[(name, object) for name in names])
    for index, element in enumerate(elements):
        for name in names:
            array[0, index][name] = element.get(name, EMPTY)
    return array


def point(joint, x, y, **fields):
    return {"x": number(x), "y": number(y), "id": number(joint, np.uint8), **fields}


def objpos(x, y):
    return structs({"x": number(x), "y": number(y)})


def head_box(x1, y1, x2, y2):
    corners = zip(("x1", "y1", "x2", "y2"), (x1, y1, x2, y2))
    return {name: number(value) for name, value in corners}


def rectangle(points=None, center=(60.0, 50.0), scale=0.4, head=(40, 20, 60, 45)):
    """An ``annorect`` element; None leaves the field out."""
    element = {}
    if head is not None:
        element.update(head_box(*head))
    if points is not None:
        element["annopoints"] = structs({"point": structs(*points)})
    if scale is not None:
        element["scale"] = number(scale)
    if center is not None:
        element["objpos"] = objpos(*center)
    return element


def image(name, *rectangles, train=True, single=()):
    """An ``annolist`` element with its img_train and single_person."""
    entry = {
        "image": structs({"name": name}),
        "annorect": structs(*rectangles),
        "frame_sec": EMPTY,
        "vididx": EMPTY,
    }
    single = np.array(single, np.uint8).reshape(-1, 1)
    return entry, int(train), single


def write_release(path, *images, **changes):
    """Write RELEASE; ``changes`` replace fields, or drop them where None."""
    entries, train, single = zip(*images)
    cells = np.empty((len(images), 1), object)
    for index, numbers in enumerate(single):
        cells[index, 0] = numbers
    fields = {
        "annolist": structs(*entries),
        "img_train": np.array([train], np.uint8),
        "version": "12",
        "single_person": cells,
        "act": EMPTY,
        "video_list": EMPTY,
        **changes,
    }
    kept = {name: value for name, value in fields.items() if value is not None}
    savemat(str(path), {"RELEASE": structs(kept)})
    return str(path)
