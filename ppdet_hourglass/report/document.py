"""The HTML around every page, which needs no other file."""

from html import escape
from pathlib import Path
from string import Template
from typing import Sequence

HERE = Path(__file__).parent


def document(title: str, body: str, styles: Sequence[str], **parts: str) -> str:
    """Put a page together.

    Args:
        title: the page's, as text.
        body: file of this folder with the page's body, in which ``$NAME`` stands for a
            part.
        styles: CSS files of this folder.
        parts: HTML by name, beside ``$title``.
    """
    title = escape(title)
    return Template(asset("document.html")).substitute(
        title=title,
        style="".join(asset(name) for name in styles),
        body=Template(asset(body)).substitute(parts, title=title),
    )


def asset(name: str) -> str:
    """Text of a file of this folder."""
    return (HERE / name).read_text(encoding="utf-8")
