"""The three PyTorch versions of Newell et al.'s network, run for their heatmaps.

Runs with PyTorch alone.  The folder that PARITY_REPOSITORIES names holds clones of
bearpaw/pytorch-pose, anibali/pytorch-stacked-hourglass and
princeton-vl/pytorch_stacked_hourglass, each under its repository's name.
"""

import importlib
import importlib.util
import json
import os
import sys
from pathlib import Path
from typing import Any, Callable, Dict, List, Mapping, Sequence, Tuple

import numpy as np

from ..seeded import seeded_arrays

#: Stacks, and side in pixels of the image they see.
RUNS = ((1, 128), (2, 128), (8, 64))
JOINTS = 16
SEED = 2016

#: Of the kernels: a stack adds to what the one before gave, and at 1 the last of eight
#: would give heatmaps some million times the first's.
GAIN = 0.7


def weights(
    shapes: Mapping[str, Sequence[int]], gain: float = GAIN
) -> Dict[str, np.ndarray]:
    """Seeded weights for PyTorch keys, kernels times ``gain``.

    None for batch-norm's step counts.
    """
    shapes = {
        key: tuple(shape)
        for key, shape in shapes.items()
        if not key.endswith("num_batches_tracked")
    }
    arrays = seeded_arrays(shapes, SEED)
    return {k: a * np.float32(gain) if a.ndim == 4 else a for k, a in arrays.items()}


def image(size: int) -> np.ndarray:
    """(1, 3, size, size) float32, normal."""
    values = np.random.RandomState(SEED).standard_normal((1, 3, size, size))
    return values.astype(np.float32)


def repositories() -> Path:
    """The clones' folder."""
    return Path(os.environ["PARITY_REPOSITORIES"])


def _file(path: Path) -> Any:
    """A module by its file, without its package and what that would import."""
    spec = importlib.util.spec_from_file_location(f"reference_{path.stem}", str(path))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def bearpaw(stacks: int, joints: int = JOINTS) -> Any:
    """bearpaw/pytorch-pose's ``hg``, one block per branch."""
    module = _file(repositories() / "pytorch-pose/pose/models/hourglass.py")
    return module.hg(num_stacks=stacks, num_blocks=1, num_classes=joints)


def anibali(stacks: int, joints: int = JOINTS) -> Any:
    """anibali/pytorch-stacked-hourglass's ``hg``."""
    folder = repositories() / "pytorch-stacked-hourglass/src/stacked_hourglass"
    module = _file(folder / "model.py")
    return module.hg(num_stacks=stacks, num_blocks=1, num_classes=joints)


def princeton(stacks: int, joints: int = JOINTS, increase: int = 0) -> Any:
    """princeton-vl's ``PoseNet``, as its ``task/pose.py`` builds it."""
    folder = str(repositories() / "pytorch_stacked_hourglass")
    sys.path.insert(0, folder)
    try:
        posenet = importlib.import_module("models.posenet")
    finally:
        sys.path.remove(folder)
    return posenet.PoseNet(stacks, 256, joints, increase=increase)


#: By name: the network, and whether it takes images as (N, H, W, 3).
NETWORKS: Dict[str, Tuple[Callable[..., Any], bool]] = {
    "bearpaw": (bearpaw, False),
    "anibali": (anibali, False),
    "princeton": (princeton, True),
}


def fill(network: Any, gain: float = GAIN) -> Dict[str, List[int]]:
    """Give a network its seeded weights; returns the shapes by key."""
    import torch

    state = network.state_dict()
    shapes = {key: list(value.shape) for key, value in sorted(state.items())}
    arrays = {
        key: torch.from_numpy(array) for key, array in weights(shapes, gain).items()
    }
    network.load_state_dict({**state, **arrays})
    return shapes


def run(network: Any, pixels: np.ndarray, channels_last: bool) -> np.ndarray:
    """Heatmaps of all stacks in evaluation mode: (S, K, H/4, W/4) float32."""
    import torch

    if channels_last:
        pixels = pixels.transpose(0, 2, 3, 1)
    with torch.no_grad():
        outs = network.eval()(torch.from_numpy(np.ascontiguousarray(pixels)))
    stacks = outs[0] if channels_last else torch.cat(list(outs))
    return stacks.numpy().astype(np.float32)


def make() -> Dict[str, np.ndarray]:
    """The fixture: for each run its keys and shapes, and its heatmaps."""
    arrays: Dict[str, np.ndarray] = {}
    for name, (build, channels_last) in NETWORKS.items():
        for stacks, size in RUNS:
            network = build(stacks)
            shapes = fill(network)
            run_name = f"{name}_{stacks}"
            arrays[f"{run_name}.shapes"] = np.array(json.dumps(shapes))
            arrays[f"{run_name}.heatmaps"] = run(network, image(size), channels_last)
    return arrays
