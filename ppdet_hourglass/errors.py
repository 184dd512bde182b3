"""The error that a user can mend."""


class UserError(ValueError):
    """Wrong input: one line that says what was expected, what came, and where.

    The command lines show the message alone; a traceback would hide it.
    """
