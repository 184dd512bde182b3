"""Files: whole or not at all, JSON and YAML, and where the package's own are."""

import json
import os
import tempfile
from pathlib import Path
from typing import Any

import yaml

from .errors import UserError, one_line


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


def check_writable(folder: str) -> None:
    """Make a folder, unless it is there, and see that files can be written there.

    Raises:
        UserError: they cannot.
    """
    try:
        os.makedirs(folder, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise UserError(
            f"output folder {folder} cannot be written: {error.strerror}"
        ) from None


def read_yaml(path: str) -> Any:
    """Content of a YAML file.

    Raises:
        UserError: it is no valid YAML.
    """
    try:
        with open(path, encoding="utf-8") as file:
            return yaml.safe_load(file)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UserError(f"{path} is no valid YAML: {one_line(error)}") from None


def read_json(path: str, what: str) -> Any:
    """Content of a JSON file.

    Args:
        path: the file.
        what: its kind, for messages, such as ``annotation file``.

    Raises:
        UserError: there is no such file, it cannot be read, or it is no valid JSON.
    """
    try:
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    except FileNotFoundError:
        raise UserError(f"{what} {path} does not exist") from None
    except OSError as error:
        raise UserError(f"{what} {path} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise UserError(
            f"{what} {path} is no valid JSON (cut off?): {one_line(error)}"
        ) from None


def config_folder() -> Path:
    """The package's configs: inside an installation, or beside it in a clone."""
    here = Path(__file__).resolve().parent
    installed = here / "configs"
    return installed if installed.is_dir() else here.parent / "configs"
