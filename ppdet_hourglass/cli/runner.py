"""Running a command: process settings, the log, and errors in one line."""

import logging
import os
import re
import sys
import warnings
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import Any, Callable, Iterator, TextIO

import cv2

from ..errors import UserError

#: Makes the MKL inside Paddle's wheels use AVX2 on AMD processors as it does on
#: Intel's: a training step of the sample network takes 0.6 of the time.
AMD_MATH = ("MKL_DEBUG_CPU_TYPE", "5")

#: Lets Paddle's C++ parts tell errors alone: their warnings name no user's mistake.
CPP_LOG = ("GLOG_minloglevel", "2")

#: What Paddle and PaddleDetection print about a missing numba, the threads that
#: ``prepare`` has set, and flags that nobody touched.
NOISE = re.compile(
    r"Warning: Unable to use numba|WARNING: OMP_NUM_THREADS set to|"
    r"PLEASE USE OMP_NUM_THREADS|FLAGS\(name=|=+( Modified FLAGS detected =+)?\n$"
)

#: Packages that an installation without extras lacks, and what brings them.
INSTALL = {
    "paddle": "pip install '.[cpu]' (or '.[gpu]') in the clone",
    "ppdet": "pip install --no-deps paddledet==2.6.0, or run inside a PaddleDetection "
    "checkout",
    "pkg_resources": "pip install 'setuptools<81'",
    "av": "pip install '.[draw]' in the clone",
    "paddle2onnx": "pip install '.[export]' in the clone, with Python up to 3.12",
    "supervision": "pip install '.[draw]' in the clone",
    "torch": "pip install '.[convert]' in the clone",
}


def prepare(threads: int) -> None:
    """Set what must be in place before Paddle is imported, unless the user has.

    Args:
        threads: OpenMP threads of this process.
    """
    os.environ.setdefault("OMP_NUM_THREADS", str(threads))
    if is_amd():
        os.environ.setdefault(*AMD_MATH)
    os.environ.setdefault(*CPP_LOG)
    warnings.filterwarnings("ignore")
    cv2.setNumThreads(0)


def is_amd(cpuinfo: str = "/proc/cpuinfo") -> bool:
    """Whether this machine's processor is AMD's (known on Linux only)."""
    try:
        with open(cpuinfo, encoding="utf-8", errors="replace") as file:
            return "AuthenticAMD" in file.read()
    except OSError:
        return False


class _Sifted:
    """A stream without ``NOISE``."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._line_open = False  # print() writes the end of a line for itself

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
    """Leave out of standard output and error what says nothing to a user."""
    with redirect_stdout(_Sifted(sys.stdout)), redirect_stderr(_Sifted(sys.stderr)):
        yield


def show_log(level: int = logging.INFO) -> None:
    """Show this package's log on standard error, from ``level`` on.

    The level is the package's own, not the root's, which importing Paddle 2.6 sets
    back.
    """
    logging.basicConfig(format="%(message)s")
    logging.getLogger(__name__.split(".")[0]).setLevel(level)


def guarded(command: Callable[[], None]) -> int:
    """Run a command.

    Returns:
        Exit status: 0, 1 after a :class:`UserError`, 130 after Ctrl-C.
    """
    try:
        command()
    except UserError as error:
        sys.stdout.flush()
        print(f"error: {one_line(error)}", file=sys.stderr)
        return 1
    except ModuleNotFoundError as error:
        if error.name not in INSTALL:
            raise
        print(
            f"error: {error.name} is not installed: {INSTALL[error.name]}",
            file=sys.stderr,
        )
        return 1
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    return 0


def one_line(error: UserError) -> str:
    """The message; from a data worker, Paddle wraps it in a traceback."""
    text = str(error).strip()
    if "Traceback (most recent call last)" in text:
        text = text.splitlines()[-1]
        text = re.sub(r"^[\w.]*UserError: ", "", text)
    return text
