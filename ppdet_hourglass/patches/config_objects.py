"""Patch of the merge of configs: ``-o`` is checked, and changes data set objects.

:func:`~ppdet_hourglass.compat.config_check.merge_options` does the work.
"""

from ppdet.core import workspace

from ..compat.config_check import merge_options
from .wrapping import wrap


def install() -> None:
    """Wrap the merge of configs; raises ImportError as ``wrap`` does.

    The stock tools import ``merge_config`` before a config names this package, so
    the function that it calls is wrapped instead.
    """
    wrap(workspace, "dict_merge", ["dct", "merge_dct"], merge_options)
