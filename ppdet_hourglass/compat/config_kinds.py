"""What the value of each config key must be."""

from typing import Any, Optional

from ..fields import OBJECT, TEXT, WHOLE, Kind, list_of, numbers, one_of


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


POSITIVE = Kind("a positive whole number", lambda v: WHOLE.fits(v) and v > 0)
POSITIVES = list_of(POSITIVE, "a list of positive whole numbers")
COUNT = Kind("a whole number, 0 or more", lambda v: WHOLE.fits(v) and v >= 0)
RATE = Kind("a number, 0 or more", lambda v: _is_number(v) and v >= 0)
SWITCH = Kind("true or false", lambda v: v in (True, False, 0, 1))
PATH = Kind("a path", lambda v: v is None or TEXT.fits(v))
PLACE = Kind("a path", lambda v: v is None or isinstance(v, str))
WEIGHTS = Kind("a path or a URL of weights", PATH.fits)
LIST = Kind("a list", lambda v: isinstance(v, list))
MAPPING = Kind("a mapping of options", OBJECT.fits)
STEPS = list_of(Kind("a transform, NAME: {...}", OBJECT.fits), "a list of transforms")
SIZE = Kind(
    "width and height, positive whole numbers",
    lambda v: POSITIVES.fits(v) and len(v) == 2,
)
COLOUR = Kind(
    "three numbers: red, green and blue",
    lambda v: numbers(3).fits(v) and all(map(_is_number, v)),
)
DEVIATION = Kind(
    "three numbers above 0: red, green and blue",
    lambda v: COLOUR.fits(v) and min(v) > 0,
)

#: Kinds of the well-known keys; ``*.option`` is an option of any class.
KINDS = {
    **dict.fromkeys(("architecture", "metric", "save_dir"), TEXT),
    **dict.fromkeys(("num_classes", "worker_num"), COUNT),
    **dict.fromkeys(("epoch", "snapshot_epoch", "log_iter", "*.batch_size"), POSITIVE),
    **dict.fromkeys(("use_gpu", "use_npu", "use_xpu", "use_mlu"), SWITCH),
    **dict.fromkeys(("print_flops", "print_params", "save_prediction_only"), SWITCH),
    "amp_dtype": Kind("float16 or bfloat16", lambda v: v in ("float16", "bfloat16")),
    "init_loss_scaling": RATE,
    "find_unused_parameters": SWITCH,
    "seed": Kind(
        "a whole number from 0 to 4294967295, or null",
        lambda v: v is None or COUNT.fits(v) and v < 2**32,
    ),
    "auto_scale_lr": SWITCH,
    "recipe_batch_size": POSITIVE,
    "max_nan_steps": COUNT,
    "keep_checkpoints": POSITIVE,
    "snapshot_minutes": RATE,
    "resume": Kind("auto, or the path of a snapshot or folder", PATH.fits),
    "on_nan": one_of(("stop", "skip")),
    "debug_nan": SWITCH,
    **dict.fromkeys(("dataset_dir", "keypoints", "prepared"), PATH),
    **dict.fromkeys(("weights", "pretrain_weights"), WEIGHTS),
    **dict.fromkeys(("*.dataset_dir", "*.image_dir", "*.anno_path"), PLACE),
    "on_bad_image": one_of(("error", "skip")),
    **dict.fromkeys(("trainsize", "hmsize"), SIZE),
    "mean": COLOUR,
    "std": DEVIATION,
    "LearningRate.base_lr": RATE,
    "LearningRate.schedulers": LIST,
    **dict.fromkeys(("*.sample_transforms", "*.batch_transforms"), STEPS),
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

#: Kinds of other options, by their defaults.  They are wide because PaddleDetection's
#: own configs give lists where the default is a number and the reverse, and mappings,
#: switches or lists where it is a class's name.
_LOOSE_NUMBER = Kind("a number", lambda v: _is_number(v) or LIST.fits(v))
_LOOSE_LIST = Kind("a list", _LOOSE_NUMBER.fits)
_LOOSE_TEXT = Kind("text", lambda v: not _is_number(v))


def kind_of_default(default: Any) -> Optional[Kind]:
    """The kind of an option with this default; None where the default does not tell."""
    if isinstance(default, bool):
        return SWITCH
    if _is_number(default):
        return _LOOSE_NUMBER
    if isinstance(default, (list, tuple)):
        return _LOOSE_LIST
    return _LOOSE_TEXT if isinstance(default, str) else None
