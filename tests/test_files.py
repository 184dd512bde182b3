"""Files are written whole, and only regular files are opened or replaced."""

import os
import stat

import pytest

from ppdet_hourglass.files import (
    check_file_writable,
    read_json,
    read_yaml,
    write_whole,
)

from .conftest import refused


def test_a_file_is_replaced_whole(tmp_path):
    path = tmp_path / "a/b.json"
    for content in (b"1", b"[2]"):
        write_whole(str(path), content)
    assert path.read_bytes() == b"[2]" and os.listdir(tmp_path / "a") == ["b.json"]
    assert read_json(str(path), "list") == read_yaml(str(path)) == [2]


@pytest.mark.parametrize(
    "use",
    [
        read_yaml,
        check_file_writable,
        lambda path: read_json(path, "annotation file"),
        lambda path: write_whole(path, b"1"),
    ],
)
def test_pipes_and_devices_are_left_alone(tmp_path, use):
    """A pipe blocks its reader for ever; a root's report once replaced /dev/null."""
    pipe = str(tmp_path / "pipe")
    os.mkfifo(pipe)
    for path in (pipe, "/dev/zero"):
        message = refused(use, path)
        assert path in message and "regular file" in message
    assert stat.S_ISFIFO(os.stat(pipe).st_mode)
