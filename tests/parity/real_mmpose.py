"""Makes mmpose 1.3.2 importable without compiled operators and detectors.

Importing ``mmpose.models`` imports every head, and two of them, which no hourglass
uses, need mmcv's compiled operators (EDPose) and mmdet (RTMO).  Empty modules
stand in for those; all that the references run is mmpose's own.
"""

import sys
from types import ModuleType

from mmengine.logging import MMLogger

STAND_INS = {
    "mmcv.ops": ("MultiScaleDeformableAttention", "DeformConv2d"),
    "mmdet": (),
    "mmdet.utils": ("ConfigType", "reduce_mean"),
}


def _stand_in(name: str, attributes: tuple) -> None:
    module = ModuleType(name)
    for attribute in attributes:
        setattr(module, attribute, object)
    sys.modules.setdefault(name, module)


for _name, _attributes in STAND_INS.items():
    _stand_in(_name, _attributes)

# mmengine tells of every weight that it initialises.
MMLogger.get_instance("mmengine", log_level="ERROR")
