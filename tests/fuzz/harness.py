"""Running readers on changed inputs: each must end in a result or one clear line."""

import contextlib
import io
import logging
import random
import signal
import tempfile
import traceback
from dataclasses import dataclass
from pathlib import Path

from ppdet_hourglass.cli.runner import message_of
from ppdet_hourglass.errors import UserError

#: A run may take so long, in seconds.  The reader of .mat files itself ends a reading
#: that has taken 4 s, and a busy machine needs a while for that.
LIMIT = 10


@dataclass(frozen=True)
class Find:
    """An input that ended in anything else; seed and number make it again."""

    target: str
    seed: int
    number: int
    problem: str

    def __str__(self):
        return f"{self.target}, seed {self.seed}, number {self.number}: {self.problem}"


class Hang(BaseException):
    """The limit is over."""


def fuzz(targets, runs, seed, first=0):
    """Run the targets in turn.

    Returns:
        The finds, the number of runs that ended in a line, and those that in a result.
    """
    finds, lines, results = [], 0, 0
    logging.disable(logging.CRITICAL)
    before = signal.signal(signal.SIGALRM, _hang)
    try:
        for number in range(first, first + runs):
            target = targets[number % len(targets)]
            outcome = run_one(target, random.Random(f"{seed}/{number}"))
            if outcome is None:
                results += 1
            elif isinstance(outcome, UserError):
                lines += 1
            else:
                finds.append(Find(target.__name__, seed, number, outcome))
    finally:
        signal.signal(signal.SIGALRM, before)
        logging.disable(logging.NOTSET)
    return finds, lines, results


def run_one(target, random):
    """None for a result, the UserError, or a description of anything else."""
    with tempfile.TemporaryDirectory() as folder, _silent():
        signal.setitimer(signal.ITIMER_REAL, LIMIT)
        try:
            target(Path(folder), random)
            return None
        except UserError as error:
            text = message_of(error)  # as commands print it
            is_line = text and "\n" not in text and "Traceback" not in text
            return error if is_line else f"not a line: {text!r}"
        except (KeyboardInterrupt, MemoryError):
            raise
        except BaseException:
            return traceback.format_exc()
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)


@contextlib.contextmanager
def _silent():
    with contextlib.redirect_stdout(io.StringIO()):
        with contextlib.redirect_stderr(io.StringIO()):
            yield


def _hang(*_):
    raise Hang(f"no end after {LIMIT} s")
