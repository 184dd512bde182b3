"""Exports that are whole or not there."""

import json
import resource
import shutil
import struct

import pytest

from ppdet_hourglass.errors import UserError
from ppdet_hourglass.predict.export_folder import check_whole, whole_export

from ..conftest import refused


def tensor(*dims):
    """A tensor as Paddle writes it: float32, filled with ones."""
    description = b"\x08\x05" + b"".join(b"\x10" + varint(size) for size in dims)
    count = 1
    for size in dims:
        count *= size
    head = struct.pack("<IQIi", 0, 0, 0, len(description))
    return head + description + struct.pack("<f", 1.0) * count


def varint(number):
    low, rest = number & 127, number >> 7
    return bytes([low | 128]) + varint(rest) if rest else bytes([low])


PARAMETERS = tensor(300, 2) + tensor() + tensor(5)
PROGRAM = json.dumps({"ops": [{"#": "p"}] * 3}, separators=(",", ":")).encode()


def write(folder, program=PROGRAM, parameters=PARAMETERS):
    folder.mkdir(parents=True)
    (folder / "model.json").write_bytes(program)
    (folder / "model.pdiparams").write_bytes(parameters)


def test_a_whole_model(tmp_path):
    write(tmp_path / "x")
    check_whole(str(tmp_path / "x"))


@pytest.mark.parametrize(
    "program, parameters",
    [
        (PROGRAM[:-9], PARAMETERS),
        (b"", PARAMETERS),
        (PROGRAM, b""),
        (PROGRAM, PARAMETERS[:-1]),
        (PROGRAM, PARAMETERS[: len(tensor(300, 2)) + 7]),
        (PROGRAM, tensor(300, 2) + tensor()),  # cut between two
    ],
)
def test_a_model_that_is_cut_off(tmp_path, program, parameters):
    write(tmp_path / "x", program, parameters)
    assert "disk full" in refused(check_whole, str(tmp_path / "x"))


def test_an_older_export_stays_if_the_new_one_fails(tmp_path):
    write(tmp_path / "x")
    (tmp_path / "x/model.onnx").write_text("of the old weights")
    before = {path.name: path.read_bytes() for path in (tmp_path / "x").iterdir()}

    def export(parameters):
        with whole_export(str(tmp_path), "x") as folder:
            write(tmp_path / folder / "x", parameters=parameters)

    with pytest.raises(UserError):
        export(PARAMETERS[:-1])
    with pytest.raises(ZeroDivisionError):
        with whole_export(str(tmp_path), "x"):
            raise ZeroDivisionError
    after = {path.name: path.read_bytes() for path in (tmp_path / "x").iterdir()}
    assert after == before and [path.name for path in tmp_path.iterdir()] == ["x"]
    export(PARAMETERS)
    names = {path.name for path in (tmp_path / "x").iterdir()}
    assert names == {"model.json", "model.pdiparams"}  # the ONNX model was another's
    shutil.rmtree(tmp_path / "x")


def test_paddle_on_a_full_disk(config, weights, tmp_path):
    """No file may grow beyond 20 KB: Paddle itself says nothing."""
    from ppdet_hourglass.cli import main

    from ..networks import CONFIG, TINY

    argv = ["export", "-c", CONFIG, "-o", f"weights={weights}", *TINY, "use_gpu=false"]
    argv += ["--output_dir", str(tmp_path / "out")]
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))
    try:
        assert main(argv) == 1
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not any((tmp_path / "out").iterdir())
    assert main(argv) == 0
    assert (tmp_path / "out/hourglass_sample/infer_cfg.yml").is_file()
