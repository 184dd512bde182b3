import numpy as np
import pytest

from ppdet_hourglass.convert.checkpoint import read_checkpoint
from ppdet_hourglass.errors import UserError

torch = pytest.importorskip("torch", reason="reading checkpoints needs PyTorch")


def tensors(**arrays):
    return {name: torch.tensor(values) for name, values in arrays.items()}


class Unknown:
    """What PyTorch does not load from a file that it must not trust."""


@pytest.mark.parametrize("zipped", [True, False])
def test_a_bare_state_dictionary(tmp_path, zipped):
    path = tmp_path / "a.pth"
    content = tensors(a=[1.5], b=3)
    torch.save(content, str(path), _use_new_zipfile_serialization=zipped)
    state, others = read_checkpoint(str(path))
    assert others == [] and list(state) == ["a", "b"]
    assert state["a"].dtype == np.float32 and state["a"].tolist() == [1.5]
    assert state["b"].dtype == np.int64 and state["b"] == 3


def test_within_a_training_checkpoint(tmp_path):
    path = tmp_path / "a.pth.tar"
    half = {"a": torch.tensor([0.5], dtype=torch.float16)}
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], lr=1)
    torch.save(
        {"state_dict": half, "epoch": 3, "optimizer": optimizer.state_dict()},
        str(path),
    )
    state, others = read_checkpoint(str(path))
    assert others == ["epoch", "optimizer"]
    assert state["a"].dtype == np.float32 and state["a"].tolist() == [0.5]


def refused(path):
    with pytest.raises(UserError) as error:
        read_checkpoint(str(path))
    return str(error.value).replace(str(path), "FILE")


@pytest.mark.parametrize(
    "content, reason",
    [
        (b"", ""),
        (b"PK\x03\x04 cut short", ""),
        # without PyTorch's advice to load it unsafely
        (b"\x80\x02\x95abc", "UnpicklingError: Unsupported operand 149"),
    ],
)
def test_no_checkpoint(tmp_path, content, reason):
    path = tmp_path / "a.pth"
    assert refused(path) == "checkpoint FILE does not exist"
    path.write_bytes(content)
    message = refused(path)
    assert message.startswith(f"PyTorch cannot read checkpoint FILE: {reason}")
    assert "\n" not in message and "weights_only" not in message


@pytest.mark.parametrize(
    "content, problem",
    [
        ([1, 2], "list"),
        ({}, "dict"),
        ({"state_dict": 3}, "'state_dict'"),
        ({"epoch": 3}, "'epoch' is not a tensor, but int"),
        ({"model": {"epoch": 3}}, "'epoch' is not a tensor, but int"),
    ],
)
def test_no_state_dictionary(tmp_path, content, problem):
    torch.save(content, str(tmp_path / "a.pth"))
    message = refused(tmp_path / "a.pth")
    assert message.startswith("checkpoint FILE ") and problem in message


@pytest.mark.parametrize(
    "keys",
    [
        *(["model"], ["net"], ["params"], ["ema_state_dict"], ["model_state_dict"]),
        ["model", "state_dict"],
    ],
)
def test_weights_under_other_keys(tmp_path, keys):
    content = tensors(a=[1.0])
    for key in reversed(keys):
        content = {key: content, "epoch": 3}
    torch.save(content, str(tmp_path / "a.pth"))
    state, others = read_checkpoint(str(tmp_path / "a.pth"))
    assert list(state) == ["a"] and others == ["epoch"] * len(keys)


def test_numbers_of_numpy_beside_the_weights(tmp_path):
    content = {"state_dict": tensors(a=[1.0]), "best": np.float64(0.9)}
    content["history"] = np.arange(3.0)
    torch.save(content, str(tmp_path / "a.pth"))
    state, others = read_checkpoint(str(tmp_path / "a.pth"))
    assert state["a"].tolist() == [1.0] and others == ["best", "history"]


def test_more_than_data(tmp_path):
    content = {"state_dict": tensors(a=[1.0]), "history": Unknown()}
    torch.save(content, str(tmp_path / "a.pth"))
    message = refused(tmp_path / "a.pth")
    assert message.startswith(f"checkpoint FILE holds a {__name__}.Unknown, ")
    assert "save its state_dict alone" in message
