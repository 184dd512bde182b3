"""The config's patch: ``-o EvalDataset.anno_path=FILE`` reaches the data set.

A config holds its data sets as objects, made from ``!MPIIDataset`` or another tag.
PaddleDetection's merge of configs and options would replace such an object by the
dictionary ``{"anno_path": FILE}``; wrapped, it sets the attribute, for hourglass
configs.
"""

import copy
import functools
import inspect
from typing import Any, Callable, List, Mapping

from paddle.io import Dataset
from ppdet.core import workspace

from ..compat.architecture import ARCHITECTURES
from ..compat.config_keys import hint
from ..errors import UserError
from .wrapping import wrap

#: Key of a dictionary that describes a whole data set, and replaces another.
WHOLE = "name"


def install() -> None:
    """Wrap the merge of configs; raises ImportError as ``wrap`` does.

    The stock tools hold ``merge_config`` before a config names this package, so it
    is its inner function that is wrapped.
    """
    wrap(workspace, "dict_merge", ["dct", "merge_dct"], _setting_attributes)


def _setting_attributes(stock: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(stock)
    def dict_merge(dct: Any, merge_dct: Any) -> Any:
        architecture = merge_dct.get("architecture", dct.get("architecture"))
        if architecture in ARCHITECTURES:
            merge_dct = {
                key: _merged(key, dct.get(key), value)
                for key, value in merge_dct.items()
            }
        return stock(dct, merge_dct)

    return dict_merge


def _merged(key: str, target: Any, value: Any) -> Any:
    """The data set with other attributes, or ``value`` where it is a whole one."""
    attributes = isinstance(value, Mapping) and WHOLE not in value
    if not attributes or not isinstance(target, Dataset):
        return value
    dataset = copy.copy(target)  # an anchor may have named it under another key too
    options = _options(dataset)
    for name, item in value.items():
        if name not in options:
            raise UserError(
                f"config key '{key}.{name}' does not exist{hint(name, options)}"
            )
        setattr(dataset, name, item)
    return dataset


def _options(dataset: Dataset) -> List[str]:
    """What the constructor takes and the object keeps under the same name."""
    known = inspect.signature(type(dataset)).parameters
    return [name for name in known if name in vars(dataset)]
