"""Files: writing them whole or not at all, and where the package's own are."""

import os
from pathlib import Path


def write_whole(path: str, content: bytes) -> None:
    """Write a file, and the folders above it, by way of a temporary one beside it."""
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    temporary = path + ".tmp"
    with open(temporary, "wb") as file:
        file.write(content)
    os.replace(temporary, path)


def config_folder() -> Path:
    """The package's configs: inside an installation, or beside it in a clone."""
    here = Path(__file__).resolve().parent
    installed = here / "configs"
    return installed if installed.is_dir() else here.parent / "configs"
