"""What a run was started with, as text: config, versions, commit; and its memory."""

import inspect
import json
import os
import platform
import subprocess
import sys
from functools import partial
from typing import Any, Optional

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
    line = PLUGIN_LINE if keys.pop("plugin", None) else ""  # imported in another way
    style = {"sort_keys": False, "allow_unicode": True, "default_flow_style": None}
    return f"{line}\n\n{yaml.dump(keys, Dumper=ConfigDumper, **style)}".lstrip()


class ConfigDumper(yaml.Dumper):
    """Writes data sets, which PaddleDetection's own dumper cannot all write."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def represent_data(self, data: Any) -> yaml.Node:
        if isinstance(data, DetDataset):
            known = {**getattr(data, "ann_info", {}), **vars(data)}
            options = set(inspect.signature(type(data)).parameters) - {"transform"}
            values = {name: known[name] for name in known if name in options}
            return self.represent_mapping(f"!{type(data).__name__}", values)
        if isinstance(data, (np.ndarray, np.generic)):
            data = data.tolist()
        return super().represent_data(data)


def versions_text() -> str:
    """Versions by package, and the commit, as JSON; null where there is none."""
    versions = {
        "ppdet_hourglass": __version__,
        "commit": commit_of(os.path.dirname(os.path.dirname(__file__))),
        "paddle": paddle.__version__,
        "paddledet": getattr(ppdet, "__version__", "checkout"),
        "numpy": np.__version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
    }
    return json.dumps(versions, indent=1) + "\n"


def commit_of(package: str) -> Optional[str]:
    """Commit of the repository that holds a folder, ``-dirty`` if files were changed.

    None if git does not know the folder's ``__init__.py``: an environment inside a
    repository is not part of it.
    """
    run = partial(subprocess.run, check=True, capture_output=True, timeout=GIT_SECONDS)
    git = ["git", "-C", package]
    named = ["describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    try:
        run([*git, "ls-files", "--error-unmatch", "__init__.py"])
        return run([*git, *named], text=True).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return None


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
