"""Running commands: in a process of their own, or in this one."""

import io
import logging
import os
import subprocess
import sys
from contextlib import ExitStack, redirect_stderr, redirect_stdout
from unittest import mock

from .conftest import ROOT


def run(*argv, cwd=ROOT, status=0, python=sys.executable, **environment):
    """Run Python in a process of its own; return what it printed."""
    done = subprocess.run(
        [python, *map(str, argv)],
        cwd=str(cwd),
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == status, done.stdout[-3000:]
    return done.stdout


def clone(folder):
    """Make a folder look like a clone without data; return it."""
    for name in ("tools", "configs", "ppdet_hourglass"):
        (folder / name).symlink_to(ROOT / name)
    return folder


def command(*argv):
    """Run a command in this process, which saves the imports; return its output.

    The config, the environment and the loggers stay as they were.
    """
    import ppdet.engine  # noqa: F401  (makes its loggers)
    from paddle.utils import unique_name

    from ppdet_hourglass import plugin  # noqa: F401
    from ppdet_hourglass.cli import main
    from ppdet_hourglass.compat.config import config_scope

    out = io.StringIO()
    loggers = [logging.getLogger("ppdet_hourglass")]
    loggers += logging.root.manager.loggerDict.values()
    with ExitStack() as stack:
        stack.enter_context(mock.patch.dict(os.environ))
        stack.enter_context(config_scope())
        stack.enter_context(unique_name.guard())  # a resumed optimiser's names
        stack.enter_context(redirect_stdout(out))
        stack.enter_context(redirect_stderr(out))
        handlers = [*loggers[0].handlers, logging.StreamHandler(out)]
        stack.enter_context(mock.patch.object(loggers[0], "handlers", handlers))
        for logger in loggers:
            for handler in getattr(logger, "handlers", ()):
                if type(handler) is logging.StreamHandler:  # not pytest's
                    stack.enter_context(mock.patch.object(handler, "stream", out))
        assert main([str(word) for word in argv]) == 0, out.getvalue()[-3000:]
    return out.getvalue()
