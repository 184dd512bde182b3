"""Networks of a few thousand parameters, with random weights."""

import yaml

from .conftest import ROOT

CONFIG = str(ROOT / "configs/hourglass_sample.yml")

#: Options that make the sample network tiny and its training one short epoch.
TINY = (
    "HourglassNet.downsample_times=2",
    "HourglassNet.stage_channels=[8,8,8]",
    "HourglassNet.stage_blocks=[1,1,1]",
    "HourglassNet.feat_channels=8",
    "TrainReader.batch_size=2",
    "EvalReader.batch_size=2",
    "epoch=1",
    "snapshot_epoch=1",
    "log_iter=1",
    "worker_num=0",
)

#: Options that make the network of ``hourglass_mpii_256.yml`` small.
SMALL = (
    "HourglassNet.stage_channels=[8,8,8,8,8,8]",
    "HourglassNet.stage_blocks=[1,1,1,1,1,1]",
    "HourglassNet.feat_channels=8",
    "HourglassNet.init_std=null",
    "use_gpu=false",
)


def values(options):
    """Keys and values of options, as ``Predictor.from_config`` takes them."""
    pairs = (option.split("=") for option in options)
    return {key: yaml.safe_load(value) for key, value in pairs}


def random_weights(path, options, config=CONFIG, bias=0.0):
    """Write weights of a config's network with these options; return the path.

    ``bias`` is added to the heatmaps: DARK takes their logarithm, and cuts it off below
    zero.
    """
    import paddle
    from ppdet.core.workspace import create

    from ppdet_hourglass import plugin  # noqa: F401
    from ppdet_hourglass.compat.config import config_scope, load
    from ppdet_hourglass.data.config_facts import fill_config

    paddle.seed(3)
    with config_scope():
        cfg = load(config, options)
        fill_config(cfg)
        model = create(cfg.architecture)
    for conv in model.head.convs:
        conv.bias.set_value(conv.bias + bias)
    paddle.save(model.state_dict(), str(path))
    return str(path)
