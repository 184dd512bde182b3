import functools
import types

import pytest

from ppdet_hourglass.patches import wrapping


def twice(stock, value):
    return 2 * stock(value)


def plus_one(stock):
    @functools.wraps(stock)
    def more(value):
        return stock(value) + 1

    return more


@pytest.fixture
def module():
    return types.SimpleNamespace(__name__="module", f=lambda value: value)


def test_once(module):
    for _ in range(2):
        wrapping.wrap(module, "f", ["value"], twice)
    assert module.f(5) == 10


def test_what_somebody_else_decorated_is_wrapped_too(module):
    module.f = plus_one(module.f)
    wrapping.wrap(module, "f", ["value"], twice)
    assert module.f(5) == 12


def test_what_somebody_else_decorates_later_is_wrapped_already(module):
    wrapping.wrap(module, "f", ["value"], twice)
    module.f = plus_one(module.f)
    wrapping.wrap(module, "f", ["value"], twice)
    assert module.f(5) == 11


def test_replaced_attributes_come_back(module):
    before = module.f
    with pytest.raises(RuntimeError), wrapping.replaced(module, f=abs, g=max):
        assert module.f is abs and module.g is max
        raise RuntimeError
    assert module.f is before and not hasattr(module, "g")


def test_another_signature_is_refused(module):
    with pytest.raises(ImportError) as error:
        wrapping.wrap(module, "f", ["image", "value"], twice)
    assert str(error.value) == (
        "ppdet_hourglass expects module.f(image, value), but found ['value']; this "
        "version of PaddleDetection or Paddle is not supported"
    )
    with pytest.raises(ImportError, match="but found nothing; this version"):
        wrapping.expect(module, "g", ["value"])
