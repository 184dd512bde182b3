"""The error that a user can mend."""


class UserError(ValueError):
    """Wrong input: one line that says what was expected, what came, and where.

    The command lines show the message alone; a traceback would hide it.
    """


def one_line(error: BaseException) -> str:
    """What an error of another library says, in one line."""
    return " ".join(str(error).split()) or type(error).__name__
