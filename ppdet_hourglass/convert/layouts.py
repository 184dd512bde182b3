"""The key layouts of public repositories' checkpoints, and renaming their keys to ours.

Each :class:`Layout` states how to rename a repository's keys; ``LAYOUTS`` lists them.
"""

import re
from dataclasses import dataclass
from typing import Callable, Dict, Iterable, List, Mapping, Sequence, Tuple

import numpy as np

from ..errors import UserError

Shapes = Mapping[str, Tuple[int, ...]]

#: Names of batch-norm's statistics in PyTorch, and in Paddle.
STATISTICS = {"running_mean": "_mean", "running_var": "_variance"}

#: Each batch-norm's count of training steps in PyTorch; Paddle has none.
STEP_COUNT = ".num_batches_tracked"

#: Key prefixes that training scripts add: of DataParallel, of a trainer, of
#: torch.compile.
WRAPPERS = ("module.", "model.", "_orig_mod.")

Rules = Sequence[Tuple[str, str]]


@dataclass(frozen=True)
class Layout:
    """The key layout of one repository.

    Attributes:
        name: name of the repository, for messages.
        marks: key prefixes; a checkpoint of this layout has keys with each of them.
        backbone: name of our backbone that is the same network.
        rules: regular expressions and their replacements, applied in order, that
            turn a key of the repository into ours.
        configs: the config that fits, by number of joints.
        config_options: options of the backbone that those configs set to other than
            the defaults.
        evaluation: options that reproduce the repository's own figures.
        idle: whether a key belongs to a layer that the repository's forward pass
            never runs.
    """

    name: str
    marks: Tuple[str, ...]
    backbone: str
    rules: Rules
    configs: Dict[int, str]
    config_options: Dict[str, object]
    evaluation: Tuple[str, ...] = ()
    idle: Callable[[str, Shapes], bool] = lambda key, shapes: False

    def rename(self, key: str) -> str:
        """Rename a key as in this package; a key that no rule matches is kept."""
        for pattern, replacement in self.rules:
            key = re.sub(pattern, replacement, key)
        layer, _, last = key.rpartition(".")
        return f"{layer}.{STATISTICS.get(last, last)}"

    def fits(self, keys: Iterable[str]) -> bool:
        """Whether the keys are in this layout."""
        return all(any(key.startswith(mark) for key in keys) for mark in self.marks)


# mmpose's hourglass-52 and hourglass-104: both are ``HourglassNet``.  In mmpose 0.x the
# head is ``TopdownHeatmapMultiStageHead``, named ``keypoint_head``; in mmpose 1.x it is
# ``CPMHead``, named ``head``.
_MMPOSE = (
    (r"\.hourglass_modules\.", ".hourglasses."),
    (r"\.out_convs\.", ".outs."),
    (r"\.conv1x1s\.", ".remap_features."),
    (r"\.remap_convs\.", ".remap_outs."),
    (r"\.inters\.(\d+)\.", r".links.\1.0."),
    # branches of a level, then the two halves of a block
    (r"\.up1\.", ".skip."),
    (r"\.low1\.", ".down."),
    (r"\.low2(?=\.)", ".inner"),
    (r"\.low3\.", ".up."),
    (r"\.conv([12])\.", r".conv\1.0."),
    (r"\.bn([12])\.", r".conv\1.1."),
    (r"\.downsample\.", ".shortcut."),
    (r"\.conv\.", ".0."),
    (r"\.bn\.", ".1."),
)


def _mmpose(version: str, head: str) -> Layout:
    heatmaps = f"{head}.multi_final_layers."
    return Layout(
        name=f"mmpose {version}",
        marks=("backbone.hourglass_modules.", heatmaps),
        backbone="HourglassNet",
        rules=(*_MMPOSE, (rf"^{head}\.multi_final_layers\.", "head.convs.")),
        configs={16: "hourglass_mpii_256.yml", 17: "hourglass_coco_256.yml"},
        config_options={},
        evaluation=("TopDownHourglass.shift_heatmap=true",),
    )


MMPOSE_0 = _mmpose("0.x", "keypoint_head")
MMPOSE_1 = _mmpose("1.x", "head")


# bearpaw/pytorch-pose and its fork anibali/pytorch-stacked-hourglass.  A level's
# branches are numbered (0 skip, 1 down, 2 up; 3 the bottom, at level 0 only), levels
# count from the bottom: ``hg.STACK.hg.LEVEL.BRANCH.BLOCK``.
_LEVELS = 4  # a constant in both repositories
_BRANCHES = ("skip", "down.1", "up", "inner")

PYTORCH_POSE = Layout(
    name="bearpaw/pytorch-pose or anibali/pytorch-stacked-hourglass",
    marks=("hg.0.hg.", "score.0."),
    backbone="StackedHourglass",
    rules=(
        (r"\.bn([123])\.", r".norm\1."),
        (r"\.downsample\.0\.", ".shortcut."),
        (r"^conv1\.", "backbone.stem.0.0."),
        (r"^bn1\.", "backbone.stem.0.1."),
        (r"^layer1\.0\.", "backbone.stem.1."),
        (r"^layer2\.0\.", "backbone.stem.3."),
        (r"^layer3\.0\.", "backbone.stem.4."),
        *(
            (
                rf"^hg\.(\d+)\.hg\.{level}\.{number}\.",
                rf"backbone.hourglasses.\1.{'inner.' * (_LEVELS - 1 - level)}{branch}.",
            )
            for level in range(_LEVELS)
            for number, branch in enumerate(_BRANCHES)
        ),
        (r"^res\.(\d+)\.", r"backbone.features.\1.0."),
        (r"^fc\.(\d+)\.", r"backbone.features.\1.1."),
        (r"^score\.", "backbone.heatmaps."),
        (r"^fc_\.", "backbone.remap_features."),
        (r"^score_\.", "backbone.remap_heatmaps."),
    ),
    configs={16: "hourglass8_mpii_256_bearpaw.yml"},
    config_options={},
)


# princeton-vl/pytorch_stacked_hourglass.  Each of its residuals has a ``skip_layer``,
# but runs it only if the number of channels changes.
SKIP_LAYER = ".skip_layer.conv."


def _idle(key: str, shapes: Shapes) -> bool:
    """Whether a key belongs to a skip layer with equal numbers of channels."""
    if SKIP_LAYER not in key:
        return False
    weight = key[: key.index(SKIP_LAYER)] + SKIP_LAYER + "weight"
    out_channels, in_channels = shapes.get(weight, (1, 0))[:2]
    return out_channels == in_channels


PRINCETON = Layout(
    name="princeton-vl/pytorch_stacked_hourglass",
    marks=("hgs.", "pre.", "outs."),
    backbone="StackedHourglass",
    rules=(
        (r"\.skip_layer\.conv\.", ".shortcut."),
        (r"\.bn([123])\.", r".norm\1."),
        (r"\.conv([123])\.conv\.", r".conv\1."),
        (r"^pre\.", "backbone.stem."),
        (r"^hgs\.(\d+)\.0\.", r"backbone.hourglasses.\1."),
        # low2 is the next level where branches follow, else the bottom's residual
        (r"\.low2(?=\.(low|up)\d)", ".inner"),
        (r"\.up1\.", ".skip.0."),
        (r"\.low1\.", ".down.1.0."),
        (r"\.low2\.", ".inner.0."),
        (r"\.low3\.", ".up.0."),
        (r"^features\.(\d+)\.0\.", r"backbone.features.\1.0.0."),
        (r"^features\.(\d+)\.1\.", r"backbone.features.\1.1."),
        (r"^outs\.(\d+)\.conv\.", r"backbone.heatmaps.\1."),
        (r"^merge_features\.(\d+)\.conv\.conv\.", r"backbone.remap_features.\1."),
        (r"^merge_preds\.(\d+)\.conv\.conv\.", r"backbone.remap_heatmaps.\1."),
        # left: convolution and batch-norm of the stem and of the features
        (r"\.conv\.", ".0."),
        (r"\.bn\.", ".1."),
    ),
    configs={16: "hourglass8_mpii_256_princeton.yml"},
    config_options={"stem_channels": [64, 128, 128]},
    idle=_idle,
)

LAYOUTS = (MMPOSE_0, MMPOSE_1, PYTORCH_POSE, PRINCETON)


@dataclass(frozen=True)
class Conversion:
    """A checkpoint with our keys.

    Attributes:
        layout: key layout of its repository.
        weights: arrays by our key.
        sources: the checkpoint's key by our key.
        dropped: the checkpoint's keys that have no counterpart in this package.
    """

    layout: Layout
    weights: Dict[str, np.ndarray]
    sources: Dict[str, str]
    dropped: List[str]


def unwrap(state: Mapping[str, np.ndarray]) -> Tuple[Dict[str, np.ndarray], str]:
    """Remove the prefixes of wrappers; returns the arrays and the whole prefix."""
    for wrapper in WRAPPERS:
        if state and all(key.startswith(wrapper) for key in state):
            bare = {key[len(wrapper) :]: array for key, array in state.items()}
            bare, inner = unwrap(bare)
            return bare, wrapper + inner
    return dict(state), ""


def convert(state: Mapping[str, np.ndarray]) -> Conversion:
    """Rename a checkpoint's arrays as in this package.

    Args:
        state: arrays by the checkpoint's key, without the prefixes of wrappers.

    Raises:
        UserError: not exactly one layout fits, or two keys have the same meaning.
    """
    fitting = [layout for layout in LAYOUTS if layout.fits(state)]
    if len(fitting) != 1:
        names = ", ".join(layout.name for layout in LAYOUTS)
        raise UserError(
            f"its keys are not those of an hourglass of {names}; the first of "
            f"{len(state)} is {next(iter(state), 'missing')}"
        )
    conversion = Conversion(fitting[0], {}, {}, [])
    shapes = {key: np.shape(array) for key, array in state.items()}
    for key, array in state.items():
        if key.endswith(STEP_COUNT) or conversion.layout.idle(key, shapes):
            conversion.dropped.append(key)
            continue
        ours = conversion.layout.rename(key)
        if ours in conversion.weights:
            raise UserError(
                f"keys {conversion.sources[ours]} and {key} both mean {ours}"
            )
        conversion.weights[ours], conversion.sources[ours] = array, key
    return conversion
