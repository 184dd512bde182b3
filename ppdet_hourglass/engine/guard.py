"""Errors of a command line: one line instead of a traceback."""

import re
import sys
from typing import Callable

from ..errors import UserError

#: Packages that an installation without extras lacks, and what brings them.
EXTRAS = {
    "paddle": "pip install 'ppdet_hourglass[cpu]' (or [gpu])",
    "ppdet": "pip install 'ppdet_hourglass[cpu]' (or [gpu]), or run inside a "
    "PaddleDetection checkout",
    "paddle2onnx": "pip install 'ppdet_hourglass[export]'",
    "supervision": "pip install 'ppdet_hourglass[draw]'",
    "torch": "pip install 'ppdet_hourglass[convert]'",
}


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
        if error.name not in EXTRAS:
            raise
        print(
            f"error: {error.name} is not installed: {EXTRAS[error.name]}",
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
