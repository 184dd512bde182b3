import numpy as np
import pytest

from .comparing import SKETCH_SIZE, relative, sketch


def test_relative_by_hand():
    assert relative(np.array([3.0, 4.5]), np.array([3.0, 4.0])) == pytest.approx(0.1)
    assert relative(1.1, -1.0) == pytest.approx(2.1)


def test_relative_refuses_what_has_no_answer():
    with pytest.raises(ValueError, match=r"shapes differ: \(2,\) and \(3,\)"):
        relative(np.ones(2), np.ones(3))
    with pytest.raises(ValueError, match="nothing can be relative to zero"):
        relative(np.ones(2), np.zeros(2))


def test_a_short_array_is_kept():
    assert sketch(np.array([[1.0, 2.0], [3.0, 4.0]]), "a").tolist() == [1, 2, 3, 4]


def test_a_sketch_keeps_differences():
    draw = np.random.RandomState(0)
    theirs = draw.standard_normal((30, 41))
    assert sketch(theirs, "a").shape == (SKETCH_SIZE,)
    for change in (1e-1, 1e-4):
        ours = theirs + change * draw.standard_normal(theirs.shape)
        estimate = relative(sketch(ours, "a"), sketch(theirs, "a"))
        assert estimate == pytest.approx(relative(ours, theirs), rel=0.4)


def test_one_wrong_element_shows():
    theirs = np.ones(1000)
    ours = theirs.copy()
    ours[357] = 2
    difference = sketch(ours, "a") - sketch(theirs, "a")
    assert np.abs(difference).sum() == 1
