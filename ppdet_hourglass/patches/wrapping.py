"""How a patch is made: look before wrapping, wrap once."""

import inspect
from typing import Any, Callable, Sequence

#: Attribute of the functions that this package put in place of stock ones.
MARK = "__ppdet_hourglass__"


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
    if is_wrapped(function):
        return
    expect(owner, name, parameters)
    setattr(owner, name, marked(wrapper(function)))


def is_wrapped(function: Any) -> bool:
    """Whether a function is this package's, or decorates one that is."""
    return hasattr(function, MARK)


def marked(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, known as this package's; ``functools.wraps`` passes that on."""
    setattr(function, MARK, True)
    return function


def expect(owner: Any, name: str, parameters: Sequence[str]) -> None:
    """Look whether ``owner.name`` takes ``parameters`` first.

    Raises:
        ImportError: there is no such function, or it takes other parameters.
    """
    function = getattr(owner, name, None)
    found = list(inspect.signature(function).parameters) if function else []
    if found[: len(parameters)] != list(parameters):
        raise ImportError(
            f"ppdet_hourglass expects {owner.__name__}.{name}({', '.join(parameters)}) "
            f"of PaddleDetection, but found {found or 'nothing'}; this version is not "
            "supported"
        )
