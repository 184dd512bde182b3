"""Which frame of a source a detection belongs to."""

import os
from collections import Counter
from typing import Any, Dict, Optional

from ..errors import UserError
from .sources import Images, Video


class ImageFinder:
    """Finds images by path, by name, or by a number that is their name.

    Called with a record and where it stands, it returns the image's number, or None
    for an image that is not in the source.
    """

    def __init__(self, images: Images) -> None:
        short = [os.path.basename(name) for name in images.names]
        self._times = Counter(short)
        self._by_name = dict(zip(short, images.numbers))
        self._by_path = dict(zip(images.names, images.numbers))
        self._numbers = set(images.numbers) if images.numbered else None

    def __call__(self, record: Dict[str, Any], where: str) -> Optional[int]:
        name = name_in(record)
        if name is None:
            return self._by_number(record, where)
        if name in self._by_path:
            return self._by_path[name]
        short = os.path.basename(name)
        if self._times[short] > 1:
            raise UserError(
                f"{where}: image {name} is in several folders of the input: give its "
                "path below it"
            )
        return self._by_name.get(short)

    def _by_number(self, record: Dict[str, Any], where: str) -> Optional[int]:
        number = whole_number(record, "image_id", where)
        if self._numbers is None:
            raise UserError(
                f"{where}: 'image_id' alone names no image of the input, whose names "
                "are not all different numbers: add 'file_name'"
            )
        return number if number in self._numbers else None


class FrameFinder:
    """Finds frames of a video by ``frame`` or ``image_id``, their place from 0."""

    def __init__(self, video: Video) -> None:
        self._video = video

    def __call__(self, record: Dict[str, Any], where: str) -> Optional[int]:
        name = name_in(record)
        if name is not None and os.path.basename(name) != self._video.name:
            return None
        key = "frame" if "frame" in record else "image_id"
        number = whole_number(record, key, where)
        length = self._video.length
        return number if length is None or number < length else None


def name_in(record: Dict[str, Any]) -> Optional[str]:
    """Path or name of a record's image, if it has one."""
    name = record.get("file_name", record.get("image"))
    return None if name is None else str(name)


def whole_number(record: Dict[str, Any], key: str, where: str) -> int:
    """A number from 0 on.

    Raises:
        UserError: it is missing, or something else.
    """
    value = record.get(key)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise UserError(
            f"{where}: needs 'file_name', 'image' or a whole '{key}', but got {value!r}"
        )
    return value
