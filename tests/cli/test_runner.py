import os
import subprocess
import sys

import pytest

from ppdet_hourglass.cli import main, runner
from ppdet_hourglass.cli.runner import message_of, run_guarded
from ppdet_hourglass.errors import INSTALL, UserError

from ..running import run


def raising(error):
    def command():
        raise error

    return command


def test_exit_status_and_message(capsys):
    assert run_guarded(lambda: None) == 0
    assert run_guarded(raising(UserError("scale must be positive"))) == 1
    assert capsys.readouterr().err == "error: scale must be positive\n"
    assert run_guarded(raising(KeyboardInterrupt())) == 130


def test_other_errors_keep_their_traceback():
    with pytest.raises(ZeroDivisionError):
        run_guarded(raising(ZeroDivisionError()))


@pytest.mark.parametrize("name", INSTALL)
def test_missing_frameworks_say_how_to_install_them(capsys, name):
    error = ModuleNotFoundError(f"No module named '{name}'", name=name)
    assert run_guarded(raising(error)) == 1
    message = capsys.readouterr().err
    assert message == f"error: {name} is not installed: {INSTALL[name]}\n"
    with pytest.raises(ModuleNotFoundError):
        run_guarded(raising(ModuleNotFoundError("No module named 'x'", name="x")))


def test_an_error_of_a_data_worker_loses_its_traceback():
    wrapped = (
        "DataLoader worker(0) caught UserError with message:\n"
        "Traceback (most recent call last):\n"
        '  File "worker.py", line 1, in f\n'
        "ppdet_hourglass.errors.UserError: a.json: record 3: image b.jpg cannot be read"
    )
    message = "a.json: record 3: image b.jpg cannot be read"
    assert message_of(UserError(wrapped)) == message
    assert message_of(UserError(message)) == message


def test_threads_are_a_default(monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    runner.set_up_process(threads=3)
    assert os.environ["OMP_NUM_THREADS"] == "3"
    runner.set_up_process(threads=1)
    assert os.environ["OMP_NUM_THREADS"] == "3"


@pytest.mark.parametrize("amd, value", [(True, "5"), (False, None)])
def test_math_library_setting_on_amd_only(monkeypatch, amd, value):
    monkeypatch.delenv("MKL_DEBUG_CPU_TYPE", raising=False)
    monkeypatch.setattr(runner, "is_amd", lambda: amd)
    runner.set_up_process(threads=1)
    assert os.environ.get("MKL_DEBUG_CPU_TYPE") == value


def test_noise_is_left_out_line_by_line(capsys):
    with runner.quiet():
        print("Warning: Unable to use numba in PP-Tracking, please install numba")
        print("the first line")
        print()
        print("WARNING: OMP_NUM_THREADS set to 2, not 1.", file=sys.stderr)
        sys.stderr.write("====== Modified FLAGS detected ======\n")
        sys.stderr.write("FLAGS(name='FLAGS_x', current_value=True)")
        sys.stderr.write("\n")
        sys.stderr.write("=====================================\n")
        print("Warning: of something else", file=sys.stderr)
    print("FLAGS(name= afterwards")
    out, err = capsys.readouterr()
    assert out == "the first line\n\nFLAGS(name= afterwards\n"
    assert err == "Warning: of something else\n"


@pytest.mark.parametrize(
    "command, words",
    [
        ("train", ["--to_static", "--save_prediction_only"]),
        ("eval", ["--output_eval", "--save_prediction_only"]),
        ("infer", ["--exported", "--detector", "--boxes", "Exit status: 0; 1"]),
    ],
)
def test_help(capsys, command, words):
    with pytest.raises(SystemExit):
        main([command, "--help"])
    text = " ".join(capsys.readouterr().out.split())
    assert all(word in text for word in words)


def test_help_does_not_wait_for_paddle():
    parse = "import sys; from ppdet_hourglass.cli import parse; parse(['eval', '-cx'])"
    run("-c", f"{parse}; sys.exit('paddle' in sys.modules)")


HUGE = """
import struct, sys, zlib
from ppdet_hourglass.cli import runner
runner.set_up_process(threads=1)
from ppdet_hourglass.data.images import read_image

def chunk(kind, data):
    end = struct.pack(">I", zlib.crc32(kind + data))
    return struct.pack(">I", len(data)) + kind + data + end

header = chunk(b"IHDR", struct.pack(">IIBBBBB", 30000, 30000, 8, 0, 0, 0, 0))
pixels = chunk(b"IDAT", zlib.compress(bytes(100)))
with open(sys.argv[1], "wb") as file:
    file.write(b"\\x89PNG\\r\\n\\x1a\\n" + header + pixels + chunk(b"IEND", b""))
runner.run_guarded(lambda: read_image(sys.argv[1]))
"""


def test_a_small_file_that_states_a_huge_picture(tmp_path):
    path = str(tmp_path / "a.png")
    argv = [sys.executable, "-c", HUGE, path]
    done = subprocess.run(argv, capture_output=True, text=True)
    assert done.stderr.splitlines()[-1] == f"error: image {path} cannot be read"


def test_a_message_is_one_line():
    assert runner.message_of(UserError("key 'a\nb' is wrong")) == "key 'a b' is wrong"


@pytest.mark.parametrize(
    "argv, advice",
    [
        (["trian"], "did you mean 'train'?"),
        (["check_data", "-c", "x"], "did you mean 'check-data'?"),
        (["nonsense"], "invalid choice: 'nonsense'"),
    ],
)
def test_a_mistyped_command(capsys, argv, advice):
    with pytest.raises(SystemExit) as ended:
        main(argv)
    assert ended.value.code == 2 and advice in capsys.readouterr().err


@pytest.mark.parametrize(
    "name", ["hourglass_mpii_256", "configs/hourglas_mpii_256.yml"]
)
def test_a_mistyped_config(config, capsys, name):
    assert main(["eval", "-c", name]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert name in line and "did you mean 'configs/hourglass_mpii_256.yml'?" in line
