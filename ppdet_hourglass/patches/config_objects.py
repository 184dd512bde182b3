"""Patch of the merge of configs: ``-o EvalDataset.anno_path=FILE`` takes effect.

A config holds its data sets as objects, made from ``!MPIIDataset`` or another tag.
PaddleDetection's merge of configs and options would replace such an object by the
dictionary ``{"anno_path": FILE}``.  Patched, it sets the attribute on a copy of the
object, for hourglass configs.  It also remembers the key ``resume``.
"""

import copy
import inspect
from typing import Any, Callable, Mapping

from paddle.io import Dataset
from ppdet.core import workspace

from ..compat.config_keys import hint
from ..compat.stock import ARCHITECTURES
from ..errors import UserError
from .wrapping import wrap

#: Key that holds a config's ``resume`` too: the tools set that one to the value of
#: ``-r``, or to null without ``-r``, after they have read the config.
RESUME = "resume_without_flag"


def install() -> None:
    """Wrap the merge of configs; raises ImportError as ``wrap`` does.

    The stock tools import ``merge_config`` before a config names this package, so
    the function that it calls is wrapped instead.
    """
    wrap(workspace, "dict_merge", ["dct", "merge_dct"], _dict_merge)


def _dict_merge(stock: Callable[..., Any], dct: Any, merge_dct: Any) -> Any:
    if merge_dct.get("architecture", dct.get("architecture")) in ARCHITECTURES:
        merge_dct = {
            key: _merged(key, dct.get(key), value) for key, value in merge_dct.items()
        }
        if "resume" in merge_dct:
            merge_dct[RESUME] = merge_dct["resume"]
    return stock(dct, merge_dct)


def _merged(key: str, target: Any, value: Any) -> Any:
    """``target`` with new attributes if it is a data set and ``value`` lists some."""
    # With a "name", the dictionary describes a whole data set.
    lists_attributes = isinstance(value, Mapping) and "name" not in value
    if not lists_attributes or not isinstance(target, Dataset):
        return value
    dataset = copy.copy(target)  # a YAML anchor may share it with another key
    parameters = inspect.signature(type(dataset)).parameters
    known = [name for name in parameters if name in vars(dataset)]
    for name, item in value.items():
        if name not in known:
            raise UserError(
                f"config key '{key}.{name}' does not exist{hint(name, known)}"
            )
        setattr(dataset, name, item)
    return dataset
