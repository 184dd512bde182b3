"""Run a command: process settings, the log, and one-line errors."""

import logging
import os
import re
import sys
import warnings
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import Any, Callable, Iterator, TextIO

from ..compat.processor import is_amd
from ..errors import INSTALL, UserError

#: Makes the MKL inside Paddle's wheels use AVX2 on AMD processors, as on Intel's: a
#: training step of the sample network takes 0.6 times as long.
AMD_MATH = ("MKL_DEBUG_CPU_TYPE", "5")

#: OpenCV refuses larger images (2^28 pixels take 0.8 GB) before it decodes them.
MOST_PIXELS = ("OPENCV_IO_MAX_IMAGE_PIXELS", str(2**28))

#: Limits the log of Paddle's C++ code to errors; its warnings do not help users.
CPP_LOG = ("GLOG_minloglevel", "2")

#: Lines that Paddle and PaddleDetection print about a missing numba, the threads that
#: ``set_up_process`` sets, and default flags.
NOISE = re.compile(
    r"Warning: Unable to use numba|WARNING: OMP_NUM_THREADS set to|"
    r"PLEASE USE OMP_NUM_THREADS|FLAGS\(name=|=+( Modified FLAGS detected =+)?\n$"
)


def set_up_process(threads: int) -> None:
    """Set up the process before Paddle is imported; the user's settings win."""
    os.environ.setdefault(*MOST_PIXELS)
    import cv2  # after the settings that it reads; not above, so that --help is quick

    os.environ.setdefault("OMP_NUM_THREADS", str(threads))
    if is_amd():
        os.environ.setdefault(*AMD_MATH)
    os.environ.setdefault(*CPP_LOG)
    warnings.filterwarnings("ignore")
    cv2.setNumThreads(0)


class _Sifted:
    """A stream that drops ``NOISE``."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._line_open = False  # print() writes the end of a line separately

    def write(self, text: str) -> int:
        noise = NOISE.match(text) is not None
        if not noise and not (self._line_open and text == "\n"):
            self._line_open = False
            return self._stream.write(text)
        self._line_open = noise and not text.endswith("\n")
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def quiet() -> Iterator[None]:
    """Drop ``NOISE`` from standard output and standard error."""
    with redirect_stdout(_Sifted(sys.stdout)), redirect_stderr(_Sifted(sys.stderr)):
        yield


def show_log(level: int = logging.INFO) -> None:
    """Show this package's log on standard error, from ``level`` on.

    The level is set on the package's logger, as importing Paddle 2.6 resets the root's.
    """
    logging.basicConfig(format="%(message)s")
    logging.getLogger(__name__.split(".")[0]).setLevel(level)


def run_guarded(command: Callable[[], None]) -> int:
    """Run a command, and print an error that the user can fix in one line.

    Returns:
        Exit status: 0, 1 after such an error, 130 after Ctrl-C.
    """
    try:
        command()
    except UserError as error:
        sys.stdout.flush()
        print(f"error: {message_of(error)}", file=sys.stderr)
        return 1
    except ModuleNotFoundError as error:
        if error.name not in INSTALL:
            raise
        advice = f"{error.name} is not installed: {INSTALL[error.name]}"
        print(f"error: {advice}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    return 0


def message_of(error: UserError) -> str:
    """The error's message in one line, without the traceback of Paddle's data workers.

    A name that it quotes may have several lines.
    """
    text = str(error).strip()
    if "Traceback (most recent call last)" in text:
        text = text.splitlines()[-1]
        text = re.sub(r"^[\w.]*Error: ", "", text)
    return " ".join(text.splitlines())
