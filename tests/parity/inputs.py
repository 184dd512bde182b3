"""Inputs that the references and the tests both make, from seeds alone.

Letters: N people, K joints, H x W pixels.
"""

from dataclasses import dataclass
from typing import Any, Dict, Tuple

import numpy as np

from .seeded import seeded_arrays

NUM_JOINTS = 16

#: Options of the networks compared; mmpose's stem fixes the first width.
DEEP = dict(
    downsample_times=5,
    stage_channels=(256, 32, 32, 32, 32, 48),
    stage_blocks=(1, 1, 1, 1, 1, 2),
)
SHALLOW = dict(
    downsample_times=3, stage_channels=(256, 32, 32, 48), stage_blocks=(1, 1, 1, 1)
)
FEATURES = 64


@dataclass(frozen=True)
class Case:
    """A network to compare, with its batch.

    Attributes:
        options: of ``HourglassNet``, named as in both projects.
        num_stacks: hourglasses.
        people: N of the batch.
        size: of its images, pixels.
        precision: in which heatmaps in training mode and gradients are computed.
            With five levels the bottom is one pixel, and batch-norm over N values
            magnifies rounding: there PyTorch's own float32 gradients lie up to 42 %
            from its float64 ones (two stacks; three levels and one stack: 7e-6).
    """

    options: Dict[str, Any]
    num_stacks: int
    people: int
    size: int
    precision: str


CASES: Dict[str, Case] = {
    "deep_1": Case(DEEP, 1, people=4, size=128, precision="float64"),
    "deep_2": Case(DEEP, 2, people=4, size=128, precision="float64"),
    "shallow_1": Case(SHALLOW, 1, people=4, size=64, precision="float32"),
}

#: In evaluation mode nothing is magnified.
EVALUATION_PRECISION = "float32"


def batch(
    people: int, size: int, seed: int, precision: str = "float32"
) -> Dict[str, np.ndarray]:
    """A training batch: image (N, 3, H, W), target (N, K, H/4, W/4), weight (N, K).

    Targets are Gaussians of sigma 2 around random pixels; a fifth of the joints is
    missing.  Its numbers are float32's, whatever the ``precision``.
    """
    draw = np.random.RandomState(seed)
    image = draw.standard_normal((people, 3, size, size))
    grid = np.arange(size // 4)
    x, y = draw.randint(0, size // 4, (2, people, NUM_JOINTS, 1))
    column, row = np.exp(-((grid - x) ** 2) / 8.0), np.exp(-((grid - y) ** 2) / 8.0)
    weight = draw.uniform(size=(people, NUM_JOINTS)) > 0.2
    arrays = {
        "image": image,
        "target": row[..., :, None] * column[..., None, :],
        "weight": weight,
    }
    return {
        name: array.astype(np.float32).astype(precision)
        for name, array in arrays.items()
    }


def state_shapes(state: Dict[str, object]) -> Dict[str, Tuple[int, ...]]:
    """Shapes of a state dictionary's arrays, without PyTorch's step counters."""
    return {
        key: tuple(value.shape)
        for key, value in state.items()
        if not key.endswith("num_batches_tracked")
    }


#: The compared training: as the recipe's, with a warm-up that ends within it.  In
#: float32, Adam magnifies rounding: PyTorch's own batch-norm means after these steps
#: lie up to 6 % from its float64 ones, its losses up to 0.05 %.
TRAINING = Case(SHALLOW, 1, people=2, size=64, precision="float64")
STEPS, WARMUP, RATE, START_FACTOR = 20, 10, 5e-4, 0.001

#: Batches, taken in turn, so that the loss falls.
BATCHES = 2


def training_batch(step: int, precision: str) -> Dict[str, np.ndarray]:
    """The batch of a step."""
    return batch(TRAINING.people, TRAINING.size, step % BATCHES, precision)


def recipe_start(shapes: Dict[str, Tuple[int, ...]], seed: int) -> Dict[str, Any]:
    """Weights as the recipe starts them: kernels N(0, 0.001), batch-norm neutral."""
    drawn = seeded_arrays(shapes, seed)
    return {
        key: array * np.float32(0.001 * np.sqrt(np.prod(array.shape[1:])))
        if array.ndim > 1
        else np.full_like(array, key.endswith(("weight", "running_var")))
        for key, array in drawn.items()
    }


#: Heatmap and crop size of the two published recipes.
SIZES = {256: 64, 384: 96}


def border_joints(size: int, seed: int) -> Dict[str, np.ndarray]:
    """Joints (N, K, 2) of crops of ``size`` pixels, and their visibility (N, K).

    The first two people have theirs where the target's Gaussian meets, crosses and
    leaves the border, and where a coordinate is rounded up or down.
    """
    edges = [-40, -26.1, -26, -24, -22, -2.1, -2, 0, 1.9, 2]
    edges += [size - 2.1, size - 2, size - 1, size + 21.9, size + 22, size + 40]
    draw = np.random.RandomState(seed)
    joints = draw.uniform(-30, size + 30, (6, NUM_JOINTS, 2))
    joints[0, :, 0] = joints[1, :, 1] = edges
    visible = draw.uniform(size=joints.shape[:2]) > 0.2
    visible[:2] = True
    return {"joints": joints.astype(np.float32), "visible": visible.astype(np.float32)}


def heatmaps(people: int, size: int, seed: int) -> np.ndarray:
    """Noisy peaks (N, K, H, W), some within a pixel of the border.

    The first person's legs, which a flip exchanges among each other, have none.
    """
    draw = np.random.RandomState(seed)
    grid = np.arange(size)
    x, y = draw.uniform(-1, size, (2, people, NUM_JOINTS, 1))
    column, row = np.exp(-((grid - x) ** 2) / 8), np.exp(-((grid - y) ** 2) / 8)
    maps = row[..., :, None] * column[..., None, :]
    maps *= draw.uniform(0.2, 1, (people, NUM_JOINTS, 1, 1))
    maps += 0.02 * draw.standard_normal(maps.shape)
    maps[0, :6] = -np.abs(maps[0, :6])
    return maps.astype(np.float32)


def crops(people: int, seed: int) -> Dict[str, np.ndarray]:
    """Centres (N, 2) in image pixels and square scales (N, 2) / 200 px."""
    draw = np.random.RandomState(seed)
    scale = np.repeat(draw.uniform(0.5, 5, (people, 1)), 2, axis=1)
    center = draw.uniform(100, 1200, (people, 2))
    return {"center": center.astype(np.float32), "scale": scale.astype(np.float32)}


#: Peaks and crops of the decoding row: the image's heatmaps, then the mirrored one's.
PEOPLE = 16
PLAIN_SEED, MIRRORED_SEED, CROP_SEED = 1, 2, 3

#: DARK's blur: PaddleDetection's kernel, and that of the paper and of mmpose.
DARK_KERNELS = (3, 11)


#: PCKh's thresholds, in head sizes of 0.6 x the head box's diagonal.
THRESHOLDS = (0.5, 0.1)

#: A joint that nobody has annotated.
UNSEEN_JOINT = 10


def people_to_score(seed: int) -> Dict[str, np.ndarray]:
    """Made-up ground truth: joints (N, K, 2) 1-based, visible (N, K), boxes (N, 2, 2).

    The head boxes are 30 x 40 pixels or a multiple: head sizes of 30, 60 ... pixels.
    """
    draw = np.random.RandomState(seed)
    joints = draw.randint(1, 1000, (200, NUM_JOINTS, 2)).astype(np.float64)
    visible = draw.uniform(size=joints.shape[:2]) > 0.2
    visible[:, UNSEEN_JOINT] = False
    corner = draw.randint(1, 500, (len(joints), 2))
    box = np.array([30, 40]) * draw.randint(1, 4, (len(joints), 1))
    boxes = np.stack([corner, corner + box], axis=1).astype(np.float64)
    return {"joints": joints, "visible": visible, "boxes": boxes}


def predictions_to_score(
    kind: str, truth: Dict[str, np.ndarray], seed: int
) -> np.ndarray:
    """Predictions (N, K, 2), 0-based pixels.

    Args:
        kind: ``random``: errors of up to a head size or so.  ``adversarial``: errors
            of exactly a threshold, a hair's breadth less or more, none, and a million
            pixels.
        truth: from :func:`people_to_score`.
        seed: of the errors.
    """
    draw = np.random.RandomState(seed)
    joints = truth["joints"]
    head = 0.6 * np.linalg.norm(truth["boxes"][:, 1] - truth["boxes"][:, 0], axis=1)
    if kind == "random":
        errors = draw.standard_normal(joints.shape) * 0.3
    else:
        sizes = np.array([0, 1e6, *THRESHOLDS])
        near = np.array([1 - 1e-5, 1, 1, 1 + 1e-5])
        size = draw.choice(sizes, joints.shape[:2]) * draw.choice(
            near, joints.shape[:2]
        )
        direction = np.array([[1, 0], [0, -1], [0.6, 0.8], [-0.8, 0.6]])
        errors = size[..., None] * direction[draw.randint(0, 4, joints.shape[:2])]
    return joints - 1 + errors * head[:, None, None]


#: Pixels of the crop that the affine row compares.
CROP_SIZE = 256


def sampled_pixels(crops: np.ndarray, count: int = 2000) -> np.ndarray:
    """(N, count, 3) of (N, H, W, 3): pixels at random, the same of every crop."""
    people, height, width, channels = crops.shape
    index = np.random.RandomState(0).permutation(height * width)[:count]
    return crops.reshape(people, height * width, channels)[:, index]
