"""Check a loaded config for mistyped keys and wrong values before anything is built.

Our trainer calls :func:`check_config` before anything else, so the stock tools and ours
refuse the same configs with the same message; :func:`merge_options` checks the options
after ``-o``.

* An option of a class, whether registered, tagged (``!Name``) or a reader's transform,
  must be an argument of its constructor, and of the kind of its default.  If the
  constructor takes ``**kwargs``, others are refused only if they look mistyped.
* A top-level key must be in ``KINDS`` or ``OTHER_KEYS``, or name a registered class.
  Files may add keys of their own, which are refused only if they look mistyped.
"""

import copy
import inspect
import math
import re
from difflib import get_close_matches
from typing import Any, Callable, Dict, Iterable, Mapping, Optional, Set, Tuple

import paddle
import ppdet.data.transform
import yaml
from paddle.io import Dataset
from ppdet.core.config.schema import SchemaDict
from ppdet.core.workspace import get_registered_modules, global_config

from ..errors import UserError
from ..fields import OBJECT, TEXT, WHOLE, Kind, check, list_of, numbers, one_of
from .stock import ARCHITECTURES, DATASETS

#: Numbers such as 1e-3, which YAML 1.1 reads as text (it requires 1.0e-3).
EXPONENT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)[eE][-+]?[0-9]+")

#: Key that keeps a config's ``resume``: after reading the config, the tools set
#: ``resume`` to the value of ``-r``, or to null without ``-r``.
RESUME = "resume_without_flag"


def _number(expected: str, low: float = -math.inf, high: float = math.inf) -> Kind:
    def fits(value: Any) -> bool:
        is_number = type(value) in (int, float) and math.isfinite(value)
        return is_number and low <= value <= high

    return Kind(expected, fits)


def _or_null(kind: Kind) -> Kind:
    return Kind(f"{kind.expected}, or null", lambda v: v is None or kind.fits(v))


POSITIVE = Kind("a positive whole number", lambda v: WHOLE.fits(v) and v > 0)
POSITIVES = list_of(POSITIVE, "a list of positive whole numbers")
COUNT = Kind("a whole number, 0 or more", lambda v: WHOLE.fits(v) and v >= 0)
NUMBER = _number("a number")
RATE = _number("a number, 0 or more", 0)
ABOVE_0 = _number("a number above 0", math.ulp(0))
SWITCH = Kind("true or false", lambda v: v in (True, False, 0, 1))
PATH = Kind("a path", lambda v: isinstance(v, str))
MAPPING = Kind("a mapping of options", OBJECT.fits)
LIST = Kind("a list", lambda v: isinstance(v, list))
STEPS = list_of(Kind("a transform, NAME: {...}", OBJECT.fits), "a list of transforms")
SIZE = Kind("a positive width and height", lambda v: POSITIVES.fits(v) and len(v) == 2)
COLOUR = Kind(
    "three numbers: red, green and blue",
    lambda v: numbers(3).fits(v) and all(map(NUMBER.fits, v)),
)
DEVIATION = Kind(
    "three numbers above 0: red, green and blue",
    lambda v: COLOUR.fits(v) and min(v) > 0,
)
SEED = Kind(
    "a whole number from 0 to 4294967295", lambda v: COUNT.fits(v) and v < 2**32
)

OPTIMIZERS = (*paddle.optimizer.__all__, "AdamWDL")  # PaddleDetection's own
OPTIMIZER = Kind(
    "a mapping whose type is a class of paddle.optimizer",
    lambda v: OBJECT.fits(v) and v.get("type", "Adam") in OPTIMIZERS,
)

#: Kinds of top-level keys, and of options of classes whose defaults do not tell;
#: ``*.option`` is an option of any class.
KINDS: Dict[str, Kind] = {
    key: kind
    for keys, kind in (
        ("architecture metric save_dir", TEXT),
        ("num_classes worker_num", COUNT),
        ("epoch snapshot_epoch log_iter keep_checkpoints", POSITIVE),
        ("recipe_batch_size *.batch_size", POSITIVE),
        ("use_gpu use_npu use_xpu use_mlu print_flops print_params", SWITCH),
        ("save_prediction_only find_unused_parameters use_ema auto_scale_lr", SWITCH),
        ("init_loss_scaling snapshot_minutes LearningRate.base_lr", RATE),
        ("ema_decay", _number("a number from 0 to 1", 0, 1)),
        ("amp_dtype", one_of(("float16", "bfloat16"))),
        ("on_bad_image", one_of(("error", "skip"))),
        ("dataset_dir keypoints", _or_null(Kind("a path", TEXT.fits))),
        ("*.dataset_dir *.image_dir *.anno_path", _or_null(PATH)),
        ("TrainDataset.image_dir TrainDataset.anno_path", PATH),
        ("EvalDataset.image_dir EvalDataset.anno_path", PATH),
        ("weights pretrain_weights", _or_null(Kind("a path or a URL", TEXT.fits))),
        ("resume", _or_null(Kind("auto, a snapshot or its folder", TEXT.fits))),
        ("seed", _or_null(SEED)),
        ("trainsize hmsize", SIZE),
        ("mean", COLOUR),
        ("std", DEVIATION),
        ("*.sample_transforms *.batch_transforms", STEPS),
        ("LearningRate.schedulers", LIST),
        ("OptimizerBuilder.optimizer", OPTIMIZER),
        ("OptimizerBuilder.clip_grad_by_norm", _or_null(ABOVE_0)),
    )
    for key in keys.split()
}

#: Other top-level keys that PaddleDetection reads, and the tools' flags, which become
#: keys too.
OTHER_KEYS = frozenset(
    """
    amp amp_level bias classwise combine_method command custom_black_list
    custom_white_list cycle_epoch distill_loss distill_loss_name do_eval draw_threshold
    ema_black_list ema_decay_type ema_filter_no_grad ema_start_iters enable_ce eval
    export export_serving_model filename fleet flip_perm for_fd fuse_conv_bn heatmaps
    infer_dir infer_img infer_list json_eval log_ranks map_type master_grad match_metric
    match_threshold model norm_type num_joints output_dir output_eval overlap_ratio
    pixel_std plugin ppyoloe print_mem_info profiler_options proposals_path pruner
    quant_batch_num report reset_norm_param_attr rtn_im_file save_proposals save_results
    save_threshold semi_start_iters slice_infer slice_size slim slim_config slim_method
    slim_type ssod_method target_metrics tinypose to_static train_height train_width
    uniform_output_enabled unstructured_prune use_cot use_fused_allreduce_gradients
    use_simple_ema use_vdl use_wandb vdl_log_dir visualize wandb
    """.split()
)

#: By the type of its default, the kind of an option of our own classes, whose whole
#: numbers are counts, and of other classes; PaddleDetection's own configs give them a
#: list where the default is a number, and the reverse.
OUR_KINDS = {int: POSITIVE, float: _or_null(NUMBER), list: LIST, str: _or_null(TEXT)}
NUMBERS = Kind("a number or a list", lambda v: NUMBER.fits(v) or LIST.fits(v))
STOCK_KINDS = dict.fromkeys((int, float, list, tuple), _or_null(NUMBERS))


def kind_of_default(default: Any, is_ours: bool) -> Optional[Kind]:
    """The kind of an option with this default; None if the default does not tell."""
    if isinstance(default, bool):
        return _or_null(SWITCH)
    if is_ours and isinstance(default, list) and {*map(type, default)} == {int}:
        return POSITIVES
    return (OUR_KINDS if is_ours else STOCK_KINDS).get(type(default))


def check_config(cfg: Any) -> None:
    """Check a loaded config.

    Args:
        cfg: the config; text such as ``1e-3``, which YAML 1.1 does not take for a
            number, becomes one.

    Raises:
        UserError: a key is mistyped or a value is wrong; the message begins with
            ``config key 'KEY'``.
    """
    known = known_keys()
    for key, value in list(cfg.items()):
        if not isinstance(value, SchemaDict):
            _refuse_unknown(key, key, known, may_be_right=True)
            cfg[key] = _checked(key, value, KINDS.get(key))
        elif value and inspect.isclass(getattr(value.pymodule, key, None)):
            check_options(key, value, getattr(value.pymodule, key))
    if "architecture" in cfg:
        _refuse_unknown_class("architecture", cfg["architecture"])


def check_options(
    prefix: str, options: Dict[str, Any], cls: type, built: bool = False
) -> None:
    """Check the options of a class, and change them as :func:`check_config` does.

    Args:
        prefix: the key above the options, for messages.
        options: the options.
        cls: the class.
        built: whether they are attributes of an object, of which a stock constructor
            may have changed the kind.

    Raises:
        UserError: as in :func:`check_config`.
    """
    defaults, is_open = options_of(cls)
    is_ours = cls.__module__.split(".")[0] == __name__.split(".")[0]
    for name, value in options.items():
        key, default = f"{prefix}.{name}", defaults.get(name)
        _refuse_unknown(key, name, defaults, may_be_right=is_open)
        kind = KINDS.get(key) or KINDS.get(f"*.{name}")
        if kind is None and (is_ours or not built):
            kind = kind_of_default(default, is_ours)
        options[name] = value = _checked(key, value, kind)
        names_class = isinstance(default, str) and default in get_registered_modules()
        if names_class and isinstance(value, str):
            _refuse_unknown_class(key, value)
        for step in value if kind is STEPS else ():
            for transform, arguments in step.items():
                place, known = f"{key}.{transform}", vars(ppdet.data.transform)
                known = {k: v for k, v in known.items() if inspect.isclass(v)}
                _refuse_unknown(place, transform, known)
                check(arguments, MAPPING, f"config key '{place}'")
                check_options(place, arguments, known[transform])


def _checked(key: str, value: Any, kind: Optional[Kind]) -> Any:
    """The value, of its kind and with numbers for texts such as 1e-3."""
    if not (isinstance(value, str) and kind is not None and kind.fits(value)):
        value = _with_numbers(value, {})
    if kind is not None:
        check(value, kind, f"config key '{key}'")
    for item in value if isinstance(value, list) else [value]:
        cls = type(item)
        if f"!{cls.__name__}" in yaml.Loader.yaml_constructors:  # a tag made it
            known = options_of(cls)[0]
            attributes = {k: v for k, v in vars(item).items() if k in known}
            place = key if item is value else f"{key}.{cls.__name__}"
            check_options(place, attributes, cls, built=True)
            vars(item).update(attributes)
    return value


def _with_numbers(value: Any, made: Dict[int, Any]) -> Any:
    """A value with numbers for texts such as 1e-3; ``made`` has aliased lists once."""
    if isinstance(value, str) and EXPONENT.fullmatch(value):
        return float(value)
    if type(value) not in (list, dict):
        return value
    if id(value) not in made:
        made[id(value)] = copied = type(value)()
        if isinstance(value, list):
            copied.extend(_with_numbers(item, made) for item in value)
        else:
            copied.update((k, _with_numbers(item, made)) for k, item in value.items())
    return made[id(value)]


def merge_options(
    stock: Callable[[Any, Any], Any], dct: Any, merge_dct: Mapping[str, Any]
) -> Any:
    """Merge options into an hourglass config, whose data sets are objects.

    ``-o EvalDataset.anno_path=FILE`` sets the attribute on a copy of the object, where
    PaddleDetection would replace the object by the dictionary ``{"anno_path": FILE}``.
    The key ``resume`` is kept in ``RESUME`` too.

    Args:
        stock: PaddleDetection's ``dict_merge``, which merges.
        dct: the config merged into.
        merge_dct: what is merged into it, a file's content or the options after ``-o``.

    Raises:
        UserError: an option does not exist.
    """
    if merge_dct.get("architecture", dct.get("architecture")) in ARCHITECTURES:
        # load_config sets "filename" in what it merges last; what follows is `-o`.
        if dct is global_config and "filename" in dct and "filename" not in merge_dct:
            refuse_unknown_options(merge_dct, dct)
        merge_dct = {
            key: _merged(key, dct.get(key), value) for key, value in merge_dct.items()
        }
        if "resume" in merge_dct:
            merge_dct[RESUME] = merge_dct["resume"]
    return stock(dct, merge_dct)


def refuse_unknown_options(options: Mapping[str, Any], cfg: Mapping[str, Any]) -> None:
    """Raise :class:`UserError` for a top-level option that nothing reads or sets."""
    for key in options:
        _refuse_unknown(key, key, known_keys().union(cfg))


def _merged(key: str, target: Any, value: Any) -> Any:
    """``target`` with new attributes if it is a data set and ``value`` lists some."""
    if isinstance(target, SchemaDict) and not isinstance(value, Dataset):
        return check(value, MAPPING, f"config key '{key}'")
    # With a "name", the dictionary describes a whole data set.
    lists_attributes = isinstance(value, Mapping) and "name" not in value
    if not lists_attributes or not isinstance(target, Dataset):
        return value
    dataset = copy.copy(target)  # a YAML anchor may share it with another key
    known = [name for name in options_of(type(dataset))[0] if name in vars(dataset)]
    for name, item in value.items():
        _refuse_unknown(f"{key}.{name}", name, known)
        setattr(dataset, name, item)
    return dataset


def known_keys() -> Set[str]:
    """Top-level keys that PaddleDetection or this package reads, and class names."""
    modules = get_registered_modules()
    shared = {key for module in modules.values() for key in module.shared}
    named = {key for key in KINDS if "." not in key}
    return {*modules, *shared, *named, *OTHER_KEYS, *DATASETS, RESUME}


def options_of(cls: type) -> Tuple[Dict[str, Any], bool]:
    """Default of each option of a class, and whether it takes other options too.

    The options are its constructor's arguments and, if that takes ``**kwargs``, those
    of the base class's.
    """
    defaults: Dict[str, Any] = {}
    is_open = False
    for base in cls.__mro__[:-1]:  # without object
        if "__init__" not in vars(base):
            continue
        parameters = [*inspect.signature(base.__init__).parameters.values()][1:]
        named = [p for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
        defaults = {**{p.name: p.default for p in named}, **defaults}
        is_open = any(p.kind is p.VAR_KEYWORD for p in parameters)
        if not is_open:
            break
    return defaults, is_open


def hint(name: Any, known: Iterable[Any]) -> str:
    """End of an error message about an unknown name: the name that was meant."""
    near = get_close_matches(str(name), map(str, known), n=1)
    return f"; did you mean '{near[0]}'?" if near else ""


def _refuse_unknown(
    key: str, name: Any, known: Iterable[str], may_be_right: bool = False
) -> None:
    """Refuse an unknown key; if it may be right, only when it looks mistyped."""
    if name in known:
        return
    if not may_be_right or get_close_matches(str(name), known, n=1, cutoff=0.8):
        raise UserError(f"config key '{key}' does not exist{hint(name, known)}")


def _refuse_unknown_class(key: str, name: Any) -> None:
    # Objects may have replaced DATASETS; DeepSORT's configs say None.
    known = {*get_registered_modules(), *DATASETS, "None"}
    if name not in known:
        raise UserError(f"config key '{key}': {name} does not exist{hint(name, known)}")
