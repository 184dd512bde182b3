"""Writing files atomically, reading JSON and YAML, finding the package's configs."""

import json
import os
import tempfile
from pathlib import Path
from typing import Any

import yaml

from .errors import UserError, WriteError, one_line


def write_whole(path: str, content: bytes) -> None:
    """Write a file atomically, by renaming a temporary one; make missing folders.

    Raises:
        UserError: the file cannot be written; no part of it is left.
    """
    check_regular(path)
    temporary = path + ".tmp"
    try:
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        with open(temporary, "wb") as file:
            file.write(content)
        os.replace(temporary, path)
    except OSError as error:
        if os.path.isfile(temporary):
            os.remove(temporary)
        raise WriteError(f"{path} cannot be written: {error.strerror}") from None


def check_regular(path: str) -> None:
    """Refuse a pipe or device, of which reading may never end, and writing replaces it.

    Raises:
        UserError: something is there that is neither a file nor a folder.
    """
    if os.path.exists(path) and not (os.path.isfile(path) or os.path.isdir(path)):
        raise UserError(f"{path} is not a regular file")


def check_writable(folder: str) -> None:
    """Make a folder if it is missing, and check that files can be written to it.

    Raises:
        UserError: the folder cannot be made or written to.
    """
    try:
        os.makedirs(folder, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise UserError(
            f"output folder {folder} cannot be written: {error.strerror}"
        ) from None


def check_file_writable(path: str) -> None:
    """Check, before the work, that a file can be written; make its folder.

    Raises:
        UserError: the path is a folder, or its folder cannot be made or written to.
    """
    if os.path.isdir(path):
        raise UserError(f"{path} is a folder: name a file to write")
    check_regular(path)
    check_writable(os.path.dirname(path) or ".")


def read_yaml(path: str) -> Any:
    """Read a YAML file.

    Raises:
        UserError: it is not a regular file, or not valid YAML.
    """
    check_regular(path)
    try:
        with open(path, encoding="utf-8") as file:
            return yaml.safe_load(file)
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # a date, bytes
        raise UserError(f"{path} is not valid YAML: {one_line(error)}") from None


def read_json(path: str, what: str) -> Any:
    """Read a JSON file; ``what`` it is, such as ``annotation file``, is for messages.

    Raises:
        UserError: the file does not exist, cannot be read, or is not valid JSON.
    """
    check_regular(path)
    try:
        with open(path, "rb") as file:
            return json.loads(file.read())  # UTF-8, 16 or 32, with or without a mark
    except FileNotFoundError:
        raise UserError(f"{what} {path} does not exist") from None
    except OSError as error:
        raise UserError(f"{what} {path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UserError(f"{what} {path} is not in UTF-8: save it in UTF-8") from None
    except (ValueError, RecursionError) as error:
        raise UserError(
            f"{what} {path} is not valid JSON (cut off?): {one_line(error)}"
        ) from None


def config_folder() -> Path:
    """Folder of the configs: inside an installed package, or beside it in a clone."""
    package = Path(__file__).resolve().parent
    installed = package / "configs"
    return installed if installed.is_dir() else package.parent / "configs"
