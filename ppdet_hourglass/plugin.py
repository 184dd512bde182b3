"""Importing this module registers everything with PaddleDetection.

The first line of each config names :data:`MANIFEST` (``plugin: !!python/name:...``), so
PaddleDetection's loader imports this module before it needs any name below that line.

Two functions of PaddleDetection are replaced for good: ``Trainer.__new__``, so that its
tools, which have imported ``Trainer`` before, get this package's for its configs; and
the merge of configs, so that ``-o`` is checked and ``-o EvalDataset.anno_path=FILE``
takes effect.
"""

from functools import partial
from typing import Any

from ppdet.core import workspace
from ppdet.engine import Trainer

from . import __version__
from .compat.config_check import merge_options
from .data.coco_dataset import COCOPose
from .data.mpii_dataset import MPIIDataset
from .data.prepared import PreparedPeople
from .data.top_down_crop import TopDownCrop
from .metrics.pck_metric import PCK, PCKh
from .modeling.backbones.hourglass_net import HourglassNet
from .modeling.backbones.stacked_hourglass import StackedHourglass
from .modeling.heatmap_loss import HeatmapLoss
from .modeling.hourglass_head import HourglassHead
from .modeling.top_down_hourglass import TopDownHourglass
from .trainer import trainer_class

__all__ = [
    "COCOPose",
    "MANIFEST",
    "HeatmapLoss",
    "HourglassHead",
    "HourglassNet",
    "MPIIDataset",
    "PCK",
    "PCKh",
    "PreparedPeople",
    "StackedHourglass",
    "TopDownCrop",
    "TopDownHourglass",
]

#: Value of the configs' ``plugin`` key.
MANIFEST = f"ppdet_hourglass {__version__}"


def make_trainer(cls: type, cfg: Any = None, mode: str = "train") -> Trainer:
    """Make the object of ``Trainer(cfg, mode)``; Python then calls its ``__init__``."""
    return object.__new__(trainer_class(cfg) if cls is Trainer else cls)


Trainer.__new__ = staticmethod(make_trainer)
if not isinstance(workspace.dict_merge, partial):  # not imported a second time
    workspace.dict_merge = partial(merge_options, workspace.dict_merge)
