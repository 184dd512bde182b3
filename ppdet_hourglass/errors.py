"""The errors that a user can fix, and how to install missing packages."""

#: Packages that an installation without extras lacks, and how to install them.
INSTALL = {
    "paddle": "pip install '.[cpu]' (or '.[gpu]') in the clone",
    "ppdet": "pip install --no-deps paddledet==2.6.0, or run inside a PaddleDetection "
    "checkout",
    "pkg_resources": "pip install 'setuptools<81'",
    "av": "pip install '.[video]' in the clone",
    "matplotlib": "pip install matplotlib",
    "gradio": "pip install '.[web]' in the clone, with Python 3.10 or later",
    "pooch": "pip install pooch",
    "paddle2onnx": "pip install '.[export]' in the clone, with Python up to 3.12",
    "safetensors": "pip install '.[safetensors]' in the clone",
    "nncf": "pip install '.[int8]' in the clone, with Python 3.10 or later",
    "torch": "pip install '.[convert]' in the clone",
    "visualdl": "pip install visualdl",
}


class UserError(SystemExit, ValueError):
    """Wrong input.

    The message is one line that says what was expected, what came, and where.  The
    commands show it without a traceback.  So does Python itself if nobody catches the
    error, as in PaddleDetection's own tools: it is a ``SystemExit``, which prints its
    code and ends the process with status 1.  ``except Exception`` catches it like any
    ``ValueError``.
    """

    def __init__(self, message: str = "") -> None:
        super().__init__(message)
        self.code = f"error: {message}"


class WriteError(UserError):
    """A file that cannot be written: a full disk, a folder without permission."""


def one_line(error: BaseException) -> str:
    """The message of another library's error, in one line."""
    return " ".join(str(error).split()) or type(error).__name__
