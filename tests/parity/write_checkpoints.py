"""Write full-size checkpoints as each repository saves them, and their heatmaps.

    python -m tests.parity.write_checkpoints FOLDER

from the repository's root, in an environment with mmpose 1.3.2 and PyTorch; with
PARITY_REPOSITORIES, as in ``references/newell.py``, also those of Newell's networks.
``test_checkpoints.py`` converts what is in FOLDER when PARITY_CHECKPOINTS
names it.
"""

import importlib
import os
import sys
from pathlib import Path
from typing import Any, Callable, Dict, Tuple

import numpy as np
import torch

from .references import mmpose_checkpoint, newell

STACKS = 8
SIZE = 256

Written = Tuple[Any, np.ndarray]


def _of_newell(name: str) -> Tuple[torch.nn.Module, np.ndarray]:
    """The repository's 8 stacks with seeded weights, and their heatmaps."""
    build, channels_last = newell.NETWORKS[name]
    network = build(STACKS)
    newell.fill(network)
    return network, newell.run(network, newell.image(SIZE), channels_last)


def bearpaw() -> Written:
    """As ``example/main.py`` saves it."""
    network, heatmaps = _of_newell("bearpaw")
    optimizer = torch.optim.RMSprop(network.parameters(), lr=2.5e-4)
    content = {
        "epoch": 220,
        "arch": "hg",
        "state_dict": torch.nn.DataParallel(network).state_dict(),
        "best_acc": torch.tensor(0.88),
        "optimizer": optimizer.state_dict(),
    }
    return content, heatmaps


def anibali() -> Written:
    """As its release has it: the state dictionary alone."""
    network, heatmaps = _of_newell("anibali")
    return network.state_dict(), heatmaps


def princeton() -> Written:
    """As ``train.py`` saves it: DataParallel within its own ``Trainer``."""
    network, heatmaps = _of_newell("princeton")
    folder = str(newell.repositories() / "pytorch_stacked_hourglass")
    sys.path.insert(0, folder)
    try:
        pose = importlib.import_module("task.pose")
    finally:
        sys.path.remove(folder)
    trainer = pose.Trainer(torch.nn.DataParallel(network), ["imgs"])
    optimizer = torch.optim.Adam(trainer.parameters(), 1e-3)
    content = {
        "state_dict": trainer.state_dict(),
        "optimizer": optimizer.state_dict(),
        "epoch": 200,
    }
    return content, heatmaps


def _of_mmpose(head: str) -> Written:
    network = mmpose_checkpoint.Estimator(1, 16, head)
    newell.fill(network, mmpose_checkpoint.GAIN)
    content = {"meta": {"CLASSES": None}, "state_dict": network.state_dict()}
    return content, mmpose_checkpoint.run(network, SIZE)


CHECKPOINTS: Dict[str, Callable[[], Written]] = {
    "bearpaw_hg8.pth.tar": bearpaw,
    "anibali_hg8.pth": anibali,
    "princeton_hg8.pt": princeton,
    "mmpose_0_hourglass52.pth": lambda: _of_mmpose("keypoint_head"),
    "mmpose_1_hourglass52.pth": lambda: _of_mmpose("head"),
}


def main(folder: str) -> None:
    """For each checkpoint NAME write also NAME.npz with its ``heatmaps``."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    for name, make in CHECKPOINTS.items():
        if not (name.startswith("mmpose") or os.environ.get("PARITY_REPOSITORIES")):
            print(f"{name}: needs PARITY_REPOSITORIES")
            continue
        content, heatmaps = make()
        path = Path(folder) / name
        torch.save(content, str(path))
        np.savez(f"{path}.npz", heatmaps=heatmaps)


if __name__ == "__main__":
    main(sys.argv[1])
