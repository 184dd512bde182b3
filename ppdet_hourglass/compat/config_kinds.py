"""Kinds of values: what a key expects, and whether a value is that."""

from typing import Any, Optional

from ..fields import Kind, list_of


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _is_size(value: Any) -> bool:
    return POSITIVES.fits(value) and len(value) == 2


def _is_colour(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 3 and all(map(_is_number, value))


POSITIVE = Kind("a positive whole number", lambda value: _is_whole(value) and value > 0)
COUNT = Kind("a whole number, 0 or more", lambda value: _is_whole(value) and value >= 0)
RATE = Kind("a number, 0 or more", lambda value: _is_number(value) and value >= 0)
SWITCH = Kind("true or false", lambda value: value in (True, False, 0, 1))
TEXT = Kind("text", _is_text)
PATH = Kind("a path", lambda value: value is None or _is_text(value))
WEIGHTS = Kind("a path or a URL of weights", PATH.fits)
MAPPING = Kind("a mapping of options", lambda value: isinstance(value, dict))
POSITIVES = list_of(POSITIVE, "a list of positive whole numbers")
STEP = Kind("a transform, NAME: {...}", MAPPING.fits)
STEPS = list_of(STEP, "a list of transforms")
SIZE = Kind("width and height, positive whole numbers", _is_size)
COLOUR = Kind("three numbers: red, green and blue", _is_colour)

#: Well-known keys; ``*.option`` is an option of any class.
KINDS = {
    "architecture": TEXT,
    "metric": TEXT,
    "num_classes": COUNT,
    "epoch": POSITIVE,
    "snapshot_epoch": POSITIVE,
    "log_iter": POSITIVE,
    "worker_num": COUNT,
    "use_gpu": SWITCH,
    "use_npu": SWITCH,
    "use_xpu": SWITCH,
    "use_mlu": SWITCH,
    "print_flops": SWITCH,
    "print_params": SWITCH,
    "find_unused_parameters": SWITCH,
    "save_prediction_only": SWITCH,
    "save_dir": TEXT,
    "dataset_dir": PATH,
    "trainsize": SIZE,
    "hmsize": SIZE,
    "mean": COLOUR,
    "std": COLOUR,
    "keypoints": PATH,
    "weights": WEIGHTS,
    "pretrain_weights": WEIGHTS,
    "LearningRate.base_lr": RATE,
    "LearningRate.schedulers": Kind("a list", lambda value: isinstance(value, list)),
    "*.batch_size": POSITIVE,
    "*.sample_transforms": STEPS,
    "*.batch_transforms": STEPS,
    "HourglassNet.num_stacks": POSITIVE,
    "HourglassNet.downsample_times": POSITIVE,
    "HourglassNet.feat_channels": POSITIVE,
    "HourglassNet.stage_channels": POSITIVES,
    "HourglassNet.stage_blocks": POSITIVES,
    "StackedHourglass.num_stacks": POSITIVE,
    "StackedHourglass.num_blocks": POSITIVE,
    "StackedHourglass.channels": POSITIVE,
    "StackedHourglass.downsample_times": POSITIVE,
}


#: Kinds by an option's default.  PaddleDetection's own configs give lists for numbers
#: and the reverse, and a mapping, a switch or a list for a name; so these are wide.
_LOOSE_NUMBER = Kind("a number", lambda v: _is_number(v) or isinstance(v, list))
_LOOSE_LIST = Kind("a list", _LOOSE_NUMBER.fits)
_LOOSE_TEXT = Kind("text", lambda value: not _is_number(value))


def kind_of_default(default: Any) -> Optional[Kind]:
    """The kind of an option, by its default; None where that does not tell."""
    if isinstance(default, bool):
        return SWITCH
    if _is_number(default):
        return _LOOSE_NUMBER
    if isinstance(default, (list, tuple)):
        return _LOOSE_LIST
    return _LOOSE_TEXT if isinstance(default, str) else None
