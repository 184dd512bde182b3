"""Writing files that are there whole or not at all."""

import os


def write_whole(path: str, content: bytes) -> None:
    """Write a file, and the folders above it, by way of a temporary one beside it."""
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    temporary = path + ".tmp"
    with open(temporary, "wb") as file:
        file.write(content)
    os.replace(temporary, path)
