"""The manifest: importing it registers everything with PaddleDetection.

Configs name it in their first line, ``plugin: !!python/name:
ppdet_hourglass.plugin.MANIFEST``; PaddleDetection's loader imports it while it
reads that line, before any name below is needed.
"""

from . import __version__, patches
from .data.mpii_dataset import MPIIDataset
from .metrics.pck_metric import PCK, PCKh
from .modeling.architectures.top_down_hourglass import TopDownHourglass
from .modeling.backbones.hourglass_net import HourglassNet
from .modeling.backbones.stacked_hourglass import StackedHourglass
from .modeling.heads.hourglass_head import HourglassHead
from .modeling.losses.heatmap_loss import HeatmapLoss

__all__ = [
    "MANIFEST",
    "HeatmapLoss",
    "HourglassHead",
    "HourglassNet",
    "MPIIDataset",
    "PCK",
    "PCKh",
    "StackedHourglass",
    "TopDownHourglass",
]

patches.install()

#: Value of the configs' ``plugin`` key.
MANIFEST = f"ppdet_hourglass {__version__}"
