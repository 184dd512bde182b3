"""Importing this module registers everything with PaddleDetection.

The first line of each config names :data:`MANIFEST` (``plugin: !!python/name:...``), so
PaddleDetection's loader imports this module before it needs any name below that line.
"""

from . import __version__, patches
from .data.coco_dataset import COCOPose
from .data.mpii_dataset import MPIIDataset
from .metrics.pck_metric import PCK, PCKh
from .modeling.backbones.hourglass_net import HourglassNet
from .modeling.backbones.stacked_hourglass import StackedHourglass
from .modeling.heatmap_loss import HeatmapLoss
from .modeling.hourglass_head import HourglassHead
from .modeling.top_down_hourglass import TopDownHourglass

__all__ = [
    "COCOPose",
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
