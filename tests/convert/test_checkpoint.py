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
    "content, message",
    [
        ([1, 2], ", but list"),
        ({}, ", but dict"),
        ({"state_dict": 3}, ", but dict"),
        ({"epoch": 3}, ": its 'epoch' is not a tensor, but int"),
    ],
)
def test_no_state_dictionary(tmp_path, content, message):
    torch.save(content, str(tmp_path / "a.pth"))
    assert refused(tmp_path / "a.pth") == (
        f"checkpoint FILE holds no state dictionary{message}"
    )


@pytest.mark.parametrize(
    "value, name",
    [
        (Unknown(), f"{__name__}.Unknown"),
        (np.float64(1), f"{np.float64(1).__reduce__()[0].__module__}.scalar"),
    ],
)
def test_more_than_data(tmp_path, value, name):
    content = {"state_dict": tensors(a=[1.0]), "history": value}
    torch.save(content, str(tmp_path / "a.pth"))
    assert refused(tmp_path / "a.pth") == (
        f"checkpoint FILE holds a {name}, which PyTorch refuses to load from a file "
        "that could run code (weights_only=True): where you trust it, save its "
        "state_dict alone and convert that"
    )
