"""How stock functions are wrapped, and attributes replaced for a while."""

import functools
import inspect
from contextlib import contextmanager
from typing import Any, Callable, Iterator, Sequence

#: Attribute of the wrapped functions: the patch.
MARK = "__ppdet_hourglass__"


def wrap(
    owner: Any, name: str, parameters: Sequence[str], patch: Callable[..., Any]
) -> None:
    """Replace ``owner.name`` by a function that calls ``patch``; once only.

    Args:
        owner: class or module of PaddleDetection or Paddle.
        name: its function.
        parameters: the function's first parameters, on which ``patch`` relies.
        patch: takes the stock function, then the caller's arguments.

    Raises:
        ImportError: there is no such function, it takes other parameters, or another
            patch wraps it.
    """
    stock = getattr(owner, name, None)
    if getattr(stock, MARK, None) is patch:  # functools.wraps hands it to decorators
        return
    if hasattr(stock, MARK):
        raise ImportError(f"{owner.__name__}.{name} is wrapped twice")
    expect(owner, name, parameters)

    @functools.wraps(stock)
    def patched(*args: Any, **kwargs: Any) -> Any:
        return patch(stock, *args, **kwargs)

    setattr(patched, MARK, patch)
    setattr(owner, name, patched)


def expect(owner: Any, name: str, parameters: Sequence[str]) -> None:
    """Check that ``owner.name`` exists and takes ``parameters`` first.

    Raises:
        ImportError: there is no such function, or it takes other parameters.
    """
    function = getattr(owner, name, None)
    found = list(inspect.signature(function).parameters) if function else []
    if found[: len(parameters)] != list(parameters):
        raise ImportError(
            f"ppdet_hourglass expects {owner.__name__}.{name}({', '.join(parameters)}),"
            f" but found {found or 'nothing'}; this version of PaddleDetection or "
            "Paddle is not supported"
        )


@contextmanager
def replaced(owner: Any, **attributes: Any) -> Iterator[None]:
    """Set attributes of a module, class or object, and restore them afterwards."""
    before = {name: vars(owner)[name] for name in attributes if name in vars(owner)}
    for name, value in attributes.items():
        setattr(owner, name, value)
    try:
        yield
    finally:
        for name in attributes:
            if name in before:
                setattr(owner, name, before[name])
            else:
                delattr(owner, name)
