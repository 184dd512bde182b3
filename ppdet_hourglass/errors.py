"""The error that a user can mend."""


class UserError(ValueError):
    """Wrong input.

    The message is one line that says what was expected, what came, and where.  The
    commands show it without a traceback.
    """


def one_line(error: BaseException) -> str:
    """The message of another library's error, in one line."""
    return " ".join(str(error).split()) or type(error).__name__
