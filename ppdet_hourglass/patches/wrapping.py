"""How a patch is made: look before wrapping, wrap once."""

import inspect
from typing import Any, Callable, Sequence


def wrap(
    owner: Any,
    name: str,
    parameters: Sequence[str],
    wrapper: Callable[[Callable[..., Any]], Callable[..., Any]],
) -> None:
    """Replace ``owner.name`` by ``wrapper(owner.name)``, unless that was done.

    Args:
        owner: class or module of PaddleDetection.
        name: its function.
        parameters: the function's first parameters, as ``wrapper`` relies on them.
        wrapper: returns the new function, made with ``functools.wraps``.

    Raises:
        ImportError: there is no such function, or it takes other parameters.
    """
    function = getattr(owner, name, None)
    if hasattr(function, "__wrapped__"):
        return
    found = list(inspect.signature(function).parameters) if function else []
    if found[: len(parameters)] != list(parameters):
        raise ImportError(
            f"ppdet_hourglass expects {owner.__name__}.{name}({', '.join(parameters)}) "
            f"of PaddleDetection, but found {found or 'nothing'}; this version is not "
            "supported"
        )
    setattr(owner, name, wrapper(function))
