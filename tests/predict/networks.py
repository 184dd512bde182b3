"""The tiny network of the command lines' tests, with random weights."""

import yaml

from ..conftest import ROOT
from ..end_to_end.conftest import TINY

CONFIG = str(ROOT / "configs/hourglass_sample.yml")

#: Keys and values that make the config's network tiny.
OVERRIDES = {
    **{key: yaml.safe_load(value) for key, value in (o.split("=") for o in TINY)},
    "use_gpu": False,
}


def random_weights(path, overrides, config=CONFIG):
    """Write weights of the config's network with overrides; returns the path."""
    import paddle
    from ppdet.core.workspace import create

    from ppdet_hourglass import plugin  # noqa: F401
    from ppdet_hourglass.compat.config import config_scope, load
    from ppdet_hourglass.data.config_facts import fill_config
    from ppdet_hourglass.predict.from_config import as_options

    paddle.seed(3)
    with config_scope():
        cfg = load(config, as_options(overrides))
        fill_config(cfg)
        paddle.save(create(cfg.architecture).state_dict(), str(path))
    return str(path)
