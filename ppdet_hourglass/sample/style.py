"""How hard the sample pictures are: every share, range and strength in one place."""

from dataclasses import dataclass
from typing import Tuple


@dataclass(frozen=True)
class SceneStyle:
    """Difficulty of the sample set; shares are probabilities per picture.

    Lengths in units of a person's stature, that is 200 px x MPII ``scale``,
    unless said otherwise; angles in degrees.
    """

    #: Share of people seen from the front and from behind; the rest from aside.
    front_share: float = 0.62
    back_share: float = 0.12
    #: Stature as a fraction of the picture's nominal side (108 to 230 of 256 px).
    stature: Tuple[float, float] = (0.42, 0.90)
    #: Standard deviation of the rotation in the picture: most people, and a few.
    tilt: float = 6.0
    wide_tilt: float = 20.0
    wide_tilt_share: float = 0.08
    #: Standard deviation that is added to every joint angle.
    angle_noise: float = 4.0
    #: People cut by the picture's border, and by how much of their box at most.
    truncated_share: float = 0.08
    truncation: float = 0.30
    #: Objects in front of a person.
    occluder_share: float = 0.08
    #: A second person with a record of their own; a smaller one without.
    second_share: float = 0.07
    bystander_share: float = 0.07
    #: Shapes in the background, at most.
    clutter: int = 6
    #: Amplitude of the pixel noise, grey levels of 256, at most.
    noise: int = 6
    #: Width and height of a picture, relative to the nominal side.
    side: Tuple[float, float] = (0.85, 1.20)
    #: MPII's ``center`` lies above the middle of the joints' box, and scatters
    #: around it (measured on mpii_train.json: 0.030 with 0.059 and 0.064).
    centre_rise: float = 0.030
    centre_spread: Tuple[float, float] = (0.055, 0.055)
