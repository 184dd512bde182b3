"""What a training was started with: its config, versions and commit, as text."""

import inspect
import json
import os
import platform
import subprocess
from typing import Any, Dict, Optional

import numpy as np
import paddle
import ppdet
import yaml
from ppdet.core.workspace import get_registered_modules
from ppdet.data.source.dataset import DetDataset

from .. import __version__
from ..compat.config import PLUGIN_LINE

#: Seconds after which git is not waited for.
GIT_SECONDS = 10


def config_text(cfg: Any) -> str:
    """A config, after ``-o`` and defaults, as YAML that can be trained with again.

    Registered classes that no file and no option gave a value are left out.
    """
    modules = get_registered_modules()
    keys = {
        key: dict(value) if isinstance(value, dict) else value
        for key, value in cfg.items()
        if not (key in modules and isinstance(value, dict) and not value)
    }
    line = PLUGIN_LINE
    if keys.pop("plugin", None) is None:  # imported in another way
        line = ""
    text = yaml.dump(keys, Dumper=_Dumper, sort_keys=False, allow_unicode=True)
    return f"{line}\n\n{text}".lstrip()


class _Dumper(yaml.Dumper):
    """Writes data sets, which PaddleDetection's own dumper cannot all write."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _dataset(dumper: yaml.Dumper, dataset: Any) -> yaml.Node:
    dataset = getattr(dataset, "replaced", dataset)
    known = {**getattr(dataset, "ann_info", {}), **vars(dataset)}
    options = inspect.signature(type(dataset)).parameters
    values = {name: known[name] for name in options if name in known}
    values.pop("transform", None)  # the reader's
    return dumper.represent_mapping(f"!{type(dataset).__name__}", values)


_Dumper.add_multi_representer(DetDataset, _dataset)
for _kind in (np.ndarray, np.generic):
    _Dumper.add_multi_representer(
        _kind, lambda d, value: d.represent_data(value.tolist())
    )


def versions() -> Dict[str, Optional[str]]:
    """Versions by package, and the commit; None if the package is in no repository."""
    return {
        "ppdet_hourglass": __version__,
        "commit": commit_of(os.path.dirname(os.path.dirname(__file__))),
        "paddle": paddle.__version__,
        "paddledet": getattr(ppdet, "__version__", "checkout"),
        "numpy": np.__version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
    }


def commit_of(package: str) -> Optional[str]:
    """Commit of the repository that holds a folder, ``-dirty`` if files were changed.

    None if git does not know the folder's ``__init__.py``: an environment inside a
    repository is not part of it.
    """
    known = ["ls-files", "--error-unmatch", "__init__.py"]
    named = ["describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    outputs = []
    for arguments in (known, named):
        command = ["git", "-C", package, *arguments]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=GIT_SECONDS
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
        if done.returncode:
            return None
        outputs.append(done.stdout.strip())
    return outputs[-1]


def versions_text() -> str:
    """:func:`versions` as JSON."""
    return json.dumps(versions(), indent=1) + "\n"
