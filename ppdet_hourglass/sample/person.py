"""A random person: body, pose, clothes, and how the camera sees them."""

from dataclasses import dataclass, replace

import numpy as np

from .figure import draw_figure
from .kinematics import View, build
from .outfit import Outfit, sample_outfit
from .pose import sample_pose
from .scene import draw_seat
from .skeleton import Skeleton, sample_bones
from .style import SceneStyle


@dataclass(frozen=True)
class Person:
    """A skeleton and its clothes; `seated` people get a stool."""

    skeleton: Skeleton
    outfit: Outfit
    seated: bool

    @property
    def joints(self) -> np.ndarray:
        """Joint positions (K, 2), 0-based pixels once the person is placed."""
        return self.skeleton.joints[:, :2]

    def placed(self, unit: float, origin: np.ndarray) -> "Person":
        """The person with a stature of `unit` pixels, the pelvis at `origin` (2,)."""
        return replace(self, skeleton=self.skeleton.placed(unit, origin))

    def draw(
        self, rng: np.random.Generator, image: np.ndarray, light: np.ndarray
    ) -> None:
        """Draw in place; `light` (2,) points towards the light."""
        if self.seated:
            pelvis = self.skeleton.point("pelvis")[:2]
            draw_seat(rng, image, pelvis, self.skeleton.unit)
        draw_figure(image, self.skeleton, self.outfit, light)


def sample_person(rng: np.random.Generator, style: SceneStyle) -> Person:
    """A person of one stature, the pelvis at the origin."""
    pose = sample_pose(rng, style.angle_noise)
    view = sample_view(rng, pose.tumble, style)
    skeleton = build(pose, sample_bones(rng), view)
    return Person(skeleton, sample_outfit(rng), pose.family == "sitting")


def sample_view(rng: np.random.Generator, tumble: float, style: SceneStyle) -> View:
    """Front, back or side, seen from a little above or below, slightly tilted."""
    chance = rng.random()
    if chance < style.front_share:
        yaw = rng.uniform(-32, 32)
    elif chance < style.front_share + style.back_share:
        yaw = 180 + rng.uniform(-30, 30)
    else:
        yaw = rng.choice((-1.0, 1.0)) * rng.uniform(35, 115)
    wide = rng.random() < style.wide_tilt_share
    tilt = rng.normal(0.0, style.wide_tilt if wide else style.tilt)
    return View(float(yaw), float(rng.normal(4, 5)), tumble + float(tilt))
