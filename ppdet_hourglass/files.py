"""Files: whole or not at all, YAML, and where the package's own are."""

import os
from pathlib import Path
from typing import Any

import yaml

from .errors import UserError


def write_whole(path: str, content: bytes) -> None:
    """Write a file, and the folders above it, by way of a temporary one beside it.

    Raises:
        UserError: it cannot be written; nothing is left then.
    """
    temporary = path + ".tmp"
    try:
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        with open(temporary, "wb") as file:
            file.write(content)
        os.replace(temporary, path)
    except OSError as error:
        if os.path.isfile(temporary):
            os.remove(temporary)
        raise UserError(f"{path} cannot be written: {error.strerror}") from None


def read_yaml(path: str) -> Any:
    """Content of a YAML file.

    Raises:
        UserError: it is no valid YAML.
    """
    try:
        with open(path, encoding="utf-8") as file:
            return yaml.safe_load(file)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())
        raise UserError(f"{path} is no valid YAML: {reason}") from None


def config_folder() -> Path:
    """The package's configs: inside an installation, or beside it in a clone."""
    here = Path(__file__).resolve().parent
    installed = here / "configs"
    return installed if installed.is_dir() else here.parent / "configs"
