"""What a run was started with, as text: config, versions, commit; and its memory."""

import inspect
import json
import os
import platform
import subprocess
import sys
from typing import Any, Dict, Optional, Tuple

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
    text = yaml.dump(
        keys,
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=None,
    )
    return f"{line}\n\n{text}".lstrip()


class _Dumper(yaml.Dumper):
    """Writes data sets, which PaddleDetection's own dumper cannot all write."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def represent_data(self, data: Any) -> yaml.Node:
        if isinstance(data, DetDataset):
            return self.represent_mapping(*_dataset(data))
        if isinstance(data, (np.ndarray, np.generic)):
            data = data.tolist()
        return super().represent_data(data)


def _dataset(dataset: Any) -> Tuple[str, Dict[str, Any]]:
    """A data set's tag, and the options with which it was made."""
    known = {**getattr(dataset, "ann_info", {}), **vars(dataset)}
    options = set(inspect.signature(type(dataset)).parameters) - {"transform"}
    values = {name: value for name, value in known.items() if name in options}
    return f"!{type(dataset).__name__}", values


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
    output = None
    for words in (
        ["ls-files", "--error-unmatch", "__init__.py"],
        ["describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"],
    ):
        command = ["git", "-C", package, *words]
        options = {"capture_output": True, "text": True, "timeout": GIT_SECONDS}
        try:
            output = subprocess.run(command, check=True, **options).stdout.strip()
        except (OSError, subprocess.SubprocessError):
            return None
    return output


def versions_text() -> str:
    """:func:`versions` as JSON."""
    return json.dumps(versions(), indent=1) + "\n"


def peak_megabytes() -> float:
    """Peak memory in 10^6 bytes: of the device, or of the process on a CPU.

    NaN where nothing tells.
    """
    device = paddle.get_device().partition(":")[0]
    try:
        if device == "gpu":
            return paddle.device.cuda.max_memory_allocated() / 1e6
        if device != "cpu":
            return paddle.device.max_memory_allocated() / 1e6
        import resource
    except (ImportError, AttributeError, ValueError, RuntimeError):
        return float("nan")  # Windows, and devices that do not count
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6
