"""Files of paddle.save are read as data: nothing in them runs, whatever they hold."""

import collections
import os
import pickle
import random
import struct
import sys
import time
from contextlib import suppress

import numpy as np
import paddle
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ppdet_hourglass.compat.state_file import read_state_file
from ppdet_hourglass.errors import UserError

from ..fuzz import pickles
from ..fuzz.mutations import mutated_bytes

#: All examples of a test share its folder, in which each replaces the file.
in_one_folder = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
    database=None,
    deadline=None,
)

#: Events that Python reports when code is found, made or run.
RUNS = ("pickle.find_class", "exec", "compile", "import", "os.system", "open")
RUNS += ("subprocess.Popen", "os.mkdir", "ctypes.dlsym")


class Ear:
    """Notes what runs while it listens; a hook cannot be taken back."""

    heard = None

    def __call__(self, event, _):
        if self.heard is not None and event in RUNS:
            self.heard.append(event)


@pytest.fixture(scope="module")
def ear():
    ear = Ear()
    sys.addaudithook(ear)
    return ear


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def read(ear):
    """Reads a file of some bytes; whatever it holds, only the file itself is opened."""

    def read(content):
        with open("a.pdparams", "wb") as file:
            file.write(content)
        ear.heard = heard = []
        began = time.perf_counter()
        try:
            return read_state_file("a.pdparams", "weights a")
        finally:
            ear.heard = None
            assert heard == ["open"] and time.perf_counter() - began < 2
            assert os.listdir() == ["a.pdparams"]

    return read


@pytest.fixture
def refusal(read):
    def refusal(content):
        with pytest.raises(UserError) as error:
            read(content)
        message = str(error.value)
        assert message.startswith("weights a cannot be read: ")
        assert "\n" not in message and len(message) < 250
        return message

    return refusal


def saved(state, **options):
    paddle.save(state, "a.pdparams", **options)
    return "a.pdparams", "weights a"


def same(a, b):
    if isinstance(a, paddle.Tensor):
        assert (a.dtype, list(a.shape)) == (b.dtype, list(b.shape))
        assert a.name == b.name or a.name.startswith("generated_tensor")
        assert np.array_equal(a.astype("float32").numpy(), b.astype("float32").numpy())
    elif isinstance(a, dict):
        assert list(a) == list(b) and all(same(a[k], b[k]) for k in a)
    elif isinstance(a, list):
        assert len(a) == len(b) and all(map(same, a, b))
    else:
        assert a == b
    return True


def states():
    net = paddle.nn.Linear(2, 3)
    rate = paddle.optimizer.lr.PiecewiseDecay([1], [0.1, 0.01])
    adam = paddle.optimizer.Adam(rate, parameters=net.parameters())
    net(paddle.ones([1, 2])).sum().backward()
    adam.step()
    return {
        "network": net.state_dict(),
        "optimiser": adam.state_dict(),
        "ordered": collections.OrderedDict(b=paddle.ones([2]), a=paddle.zeros([2])),
        "nested": {"scaler": {"scale": paddle.ones([2])}, "list": [1, "a", None, 2.5]},
        "bfloat16": {"a": {"b": paddle.ones([2, 2]).astype("bfloat16")}},
        "shapes": {"a": [paddle.ones([0, 3]), paddle.to_tensor(3), paddle.ones([1])]},
        "scalar": {"best": np.float64(0.9), "a": paddle.ones([1])},
        "arrays": {"big endian": np.arange(3, dtype=">f4"), "flag": np.array([True])},
        "fortran": {"a": np.asfortranarray(np.arange(6.0).reshape(2, 3))},
    }


@pytest.mark.parametrize("protocol", [2, 3, 4])
@pytest.mark.parametrize("name", list(states()))
def test_what_paddle_saves_is_read_as_paddle_reads_it(name, protocol):
    path, what = saved(states()[name], protocol=protocol)
    assert same(read_state_file(path, what), paddle.load(path))


def test_a_tensor_in_two_places_is_one():
    shared = paddle.ones([2])
    state = read_state_file(*saved({"x": {"a": shared, "b": [shared]}}))
    assert state["x"]["a"] is state["x"]["b"][0]


@pytest.mark.parametrize("make", [np.arange(6.0), np.ones((2, 3), np.float16)])
def test_arrays_of_other_writers(read, make):
    for protocol in range(2, 6):
        state = read(pickle.dumps({"a": make, "t": ("name", make)}, protocol))
        assert state["a"].numpy().tolist() == make.tolist()
        assert isinstance(state["t"], paddle.Tensor)


def test_files_of_python_2(read):
    array = b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(K\x00tU\x01btR"
    array += b"(K\x01(K\x02tcnumpy\ndtype\n(U\x02f4K\x00K\x01tR(K\x03U\x01<NNNJ\xff\xff"
    array += b"\xff\xffJ\xff\xff\xff\xffK\x00tb\x89U\x08\x00\x00\x80?\x00\x00\x00@tb"
    state = read(b"\x80\x02}q\x00U\x01aq\x01" + array + b"s.")
    assert state["a"].numpy().tolist() == [1.0, 2.0]


class Calls:
    """Pickled as a call of a function, as an attacker would."""

    def __init__(self, function, *args):
        self.call = function, args

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize(
    "call, name",
    [
        (Calls(os.mkdir, "made"), "posix.mkdir"),
        (Calls(eval, "open('made', 'w')"), "makes an object"),
        (Calls(getattr, "text", "format"), ".getattr"),
        (Calls(np.fromfile, "/etc/hostname"), "numpy.fromfile"),
    ],
)
def test_code_is_refused_and_does_not_run(refusal, call, name):
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        message = refusal(pickle.dumps({"w": call}, protocol))
        assert protocol < 2 or name in message


#: Opcodes: a dictionary whose key "w" has the value of these.
def of(value):
    return b"\x80\x04}\x8c\x01w" + value + b"s."


F4 = b"cnumpy\ndtype\n(\x8c\x02f4\x89\x88tR"
NEW = b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\nK\x00\x85C\x01btR"
ORDER = b"(K\x03\x8c\x01<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"


@pytest.mark.parametrize(
    "value",
    [
        # an array by a call, over bytes with an offset before them
        b"cnumpy\nndarray\n(K\x02\x85" + F4 + b"C\x08aaaaaaaaJ\xc0\xff\xff\xfftR",
        # objects in raw bytes; attributes of functions, of types and of arrays
        b"cnumpy\ndtype\n(\x8c\x02O8\x89\x88tR",
        b"cnumpy.core.multiarray\n_reconstruct\n}\x8c\x08__name__Nsb",
        F4 + b"}\x8c\x04kindNsb",
        F4 + b"(K\x03\x8c\x01<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffM\xff\xff\x85tb",
        NEW + b"}\x8c\x07stridesK\x00sb",
        # more numbers than bytes: (10**12,), (2**40, 2**40), negative, by text
        NEW + b"(K\x01\x8a\x06\x00\x10\xa5\xd4\xe8\x00\x85" + F4 + b"\x89C\x00tb",
        NEW + b"(K\x01J\xff\xff\xff\xff\x85" + F4 + b"\x89C\x00tb",
        NEW + b"(K\x01\x8c\x01a\x85" + F4 + b"\x89C\x00tb",
        NEW + b"(K\x01K\x01\x85" + F4 + b"\x89]C\x04aaaaatb",
        NEW + b"(K\x01K\x02\x85" + F4 + b"\x89C\x04aaaatb",
        NEW,
        # bytes that are not there
        b"\x96" + struct.pack("<Q", 8 * 2**30) + b"a",
        b"\x8e" + struct.pack("<Q", 2**63) + b"a",
        b"T\xff\xff\xff\x7fa",
        # nothing that a state has
        b"\x8f",
        b"P1\n",
        b"Q",
        b"(ios\nsystem\n",
        b"\x97",
        b"\x82\x01",
        b"K\x01\x85K\x01\x85\x81",
        # a dictionary with a key that is slow to compare; one in itself
        b"}K\x01\x85K\x01s",
        b"}\x94\x8c\x01ah\x00s",
        # a number of a million digits
        b"\x8b" + struct.pack("<i", 10**6) + b"\x7f" * 10**6,
        b"I" + b"9" * 10**6 + b"\n",
    ],
)
def test_what_paddle_does_not_save(refusal, value):
    refusal(of(value))


def test_sixty_opcodes_that_mean_two_to_the_sixty_objects(refusal):
    twice = (b"h%ch%c\x86\x94" % (n, n) for n in range(60))
    refusal(of(b"K\x01\x94" + b"".join(twice)))


def test_few_bytes_that_are_many_arrays(refusal):
    """100,000 arrays over the same kilobyte, and as many bytes of one text."""
    data = b"C\xfa" + 250 * b"a" + b"\x94"
    rows = (NEW + b"(K\x01K>\x85" + F4 + b"\x89h\x00tb") * 20000
    refusal(b"\x80\x04" + data + b"}(" + rows)
    refusal(b"\x80\x04](" + b"K\x01" * 1_100_000 + b"e.")


@pytest.mark.parametrize("content", [b"", b"torn", b"\x80\x04\x95", b"(lp0\n", b"."])
def test_damage_is_one_line(refusal, content):
    refusal(content)


@pytest.mark.parametrize("put", [b"r\xff\xff\xff\x7f", b"q\xff"])
def test_objects_may_have_any_number(read, put):
    assert read(b"\x80\x02}" + put + b".") == {}


@pytest.mark.parametrize("state", [[1], ("name", np.ones(2)), "text", None])
def test_no_state_dictionary(refusal, state):
    assert "state dictionary" in refusal(pickle.dumps(state, 4))


@in_one_folder
@given(seed=st.integers(0, 2**32))
def test_generated_pickles(read, seed):
    with suppress(UserError):
        read(pickles.program(random.Random(seed)))


@in_one_folder
@given(seed=st.integers(0, 2**32), protocol=st.integers(2, 4))
def test_changed_files(read, seed, protocol):
    state = {"w": ("name", np.ones((2, 3))), "LR": {"x": 1.5}, "b": np.float64(3)}
    with suppress(UserError):
        read(mutated_bytes(pickle.dumps(state, protocol), random.Random(seed)))
