"""A training step of mmpose's network in PyTorch: a way of ``benchmarks.train``.

Runs in the environment of ``make parity``: ``benchmarks.train_mmpose NETWORK BATCH``.
"""

from typing import Any, Callable

import torch

from tests.parity import real_mmpose  # noqa: F401

from .workers import serve

#: Options of mmpose's ``HourglassNet`` and the size of the input, pixels.
OPTIONS = {
    "full": ({"feat_channel": 256}, 256),
    "sample": (
        {
            "feat_channel": 32,
            "downsample_times": 3,
            "stage_channels": (32, 48, 64, 96),
            "stage_blocks": (1, 1, 1, 1),
        },
        128,
    ),
}


def training_step(name: str, batch: str) -> Callable[[], None]:
    """A step with Adam on random pixels."""
    from mmpose.models import CPMHead, HourglassNet

    options, size = OPTIONS[name]
    backbone = HourglassNet(num_stacks=1, **options)
    narrow = options.get("stage_channels", (256,))[0]
    if narrow != 256:
        backbone.stem = _stem(narrow)
    head = CPMHead(options["feat_channel"], 16, 1)
    parameters = [*backbone.parameters(), *head.parameters()]
    optimiser = torch.optim.Adam(parameters, 5e-4)
    people = int(batch)
    image = torch.randn(people, 3, size, size)
    target = torch.rand(people, 16, size // 4, size // 4)
    weight = torch.ones(people, 16)

    def step() -> None:
        (heatmaps,) = head(backbone(image))
        head.loss_module(heatmaps, target, weight).backward()
        optimiser.step()
        optimiser.zero_grad()

    return step


def _stem(width: int) -> Any:
    """mmpose's stem, whose width is fixed, with ``width`` channels."""
    from mmcv.cnn import ConvModule
    from mmpose.models.backbones.hourglass import BasicBlock, ResLayer

    conv = ConvModule(3, width // 2, 7, padding=3, stride=2, norm_cfg={"type": "BN"})
    return torch.nn.Sequential(
        conv, ResLayer(BasicBlock, 1, width // 2, width, stride=2)
    )


if __name__ == "__main__":
    serve(training_step)
