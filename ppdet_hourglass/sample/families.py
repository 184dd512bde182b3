"""The families that poses are drawn from: a table of angle ranges in degrees.

What a family does not name keeps its relaxed range.  `lead` is one side's arm and
leg, `trail` the other's, by chance left or right; `pose.py` explains the angles.
"""

from dataclasses import dataclass, field
from typing import Dict, Tuple

Ranges = Dict[str, Tuple[float, float]]

RELAXED_TRUNK: Ranges = {
    "bend": (-2, 8),
    "lean": (-5, 5),
    "twist": (-10, 10),
    "nod": (-8, 14),
    "tilt": (-8, 8),
    "turn": (-22, 22),
}
RELAXED_LIMB: Ranges = {
    "hip": (-6, 10),
    "spread": (0, 12),
    "turnout": (0, 20),
    "knee": (0, 10),
    "shoulder": (-12, 18),
    "raised": (4, 22),
    "roll": (0, 40),
    "elbow": (4, 35),
}


@dataclass(frozen=True)
class Family:
    """Relative weight and angle ranges; `tumble` either way in the picture."""

    weight: float
    trunk: Ranges = field(default_factory=dict)
    lead: Ranges = field(default_factory=dict)
    trail: Ranges = field(default_factory=dict)
    tumble: Tuple[float, float] = (0, 0)


_HAND_ON_HIP: Ranges = {
    "shoulder": (-28, -10),
    "raised": (35, 55),
    "roll": (65, 90),
    "elbow": (80, 110),
}
_ARM_UP: Ranges = {
    "shoulder": (-10, 25),
    "raised": (130, 172),
    "roll": (-60, 10),
    "elbow": (0, 60),
}
_ARM_OUT: Ranges = {
    "shoulder": (-10, 30),
    "raised": (65, 105),
    "roll": (-90, 20),
    "elbow": (0, 80),
}
_ARM_AHEAD: Ranges = {
    "shoulder": (45, 100),
    "raised": (0, 35),
    "roll": (0, 50),
    "elbow": (5, 80),
}
_SITTING: Ranges = {
    "hip": (70, 95),
    "spread": (0, 10),
    "turnout": (0, 30),
    "knee": (60, 105),
    "shoulder": (10, 60),
    "elbow": (20, 90),
}
_CROUCHING: Ranges = {
    "hip": (65, 110),
    "spread": (0, 12),
    "turnout": (5, 35),
    "knee": (80, 130),
    **_ARM_AHEAD,
}

FAMILIES: Dict[str, Family] = {
    "standing": Family(0.15),
    "hands_on_hips": Family(0.05, lead=_HAND_ON_HIP, trail=_HAND_ON_HIP),
    "one_hand_on_hip": Family(0.05, lead=_HAND_ON_HIP),
    "arms_up": Family(0.07, lead=_ARM_UP, trail=_ARM_UP),
    "one_arm_up": Family(0.08, lead=_ARM_UP),
    "arms_out": Family(0.07, lead=_ARM_OUT, trail=_ARM_OUT),
    "holding": Family(0.08, lead=_ARM_AHEAD, trail=_ARM_AHEAD),
    "pointing": Family(0.05, lead=_ARM_OUT, trail=_ARM_AHEAD),
    "walking": Family(
        0.11,
        lead={"hip": (12, 35), "knee": (0, 20), "shoulder": (-35, -12)},
        trail={"hip": (-22, -6), "knee": (5, 35), "shoulder": (12, 35)},
    ),
    "running": Family(
        0.08,
        trunk={"bend": (6, 20)},
        lead={
            "hip": (40, 80),
            "knee": (50, 100),
            "shoulder": (-50, -20),
            "elbow": (60, 105),
        },
        trail={
            "hip": (-28, 0),
            "knee": (15, 80),
            "shoulder": (15, 60),
            "elbow": (60, 105),
        },
    ),
    "kicking": Family(
        0.04,
        trunk={"bend": (-12, 10)},
        lead={"hip": (35, 85), "spread": (0, 35), "knee": (0, 40), **_ARM_OUT},
        trail=_ARM_OUT,
    ),
    "star": Family(
        0.04,
        lead={"spread": (20, 40), **_ARM_UP},
        trail={"spread": (20, 40), **_ARM_OUT},
    ),
    "sitting": Family(0.10, {"bend": (-10, 20)}, _SITTING, _SITTING),
    "crouching": Family(
        0.05, {"bend": (15, 45), "nod": (-30, 0)}, _CROUCHING, _CROUCHING
    ),
    "lunging": Family(
        0.04,
        lead={"hip": (60, 95), "knee": (65, 100)},
        trail={"hip": (-30, -10), "knee": (5, 40), **_ARM_AHEAD},
    ),
    "bending": Family(
        0.05,
        trunk={"bend": (35, 85), "nod": (-40, -10)},
        lead={"hip": (-5, 15), "shoulder": (50, 110), "elbow": (0, 30)},
        trail={"hip": (-5, 15), "shoulder": (50, 110), "elbow": (0, 60)},
    ),
    "cartwheel": Family(
        0.03,
        lead={"spread": (15, 50), "raised": (130, 165), "roll": (-30, 0)},
        trail={"spread": (10, 45), "raised": (130, 165), "roll": (-30, 0)},
        tumble=(70, 180),
    ),
    "lying": Family(0.02, lead={"hip": (0, 50), "knee": (5, 70)}, tumble=(75, 105)),
}
