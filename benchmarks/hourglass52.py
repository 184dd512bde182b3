"""An exported hourglass-52 with random weights, made once in ``build/benchmarks``."""

import os
from typing import List

from .workers import ROOT

CONFIG = "hourglass_mpii_256"
PARENT = os.path.join(ROOT, "build", "benchmarks")


def exported(pictures: str) -> str:
    """Export the network with ONNX and int8 models, unless that was done before.

    Args:
        pictures: folder of the pictures to calibrate the int8 model with.

    Returns:
        Folder of the exported model.
    """
    from ppdet_hourglass.cli import main
    from ppdet_hourglass.predict.export_folder import INT8, ONNX

    folder = os.path.join(PARENT, CONFIG)
    if os.path.isfile(os.path.join(folder, INT8[0])):
        return folder
    config = os.path.join(ROOT, "configs", f"{CONFIG}.yml")
    weights = os.path.join(PARENT, f"{CONFIG}.pdparams")
    # mmpose's initial weights would give activations next to zero.
    options = ["HourglassNet.init_std=null", f"weights={weights}"]
    os.makedirs(PARENT, exist_ok=True)
    _write_weights(config, options)
    argv = ["export", "-c", config, "-o", *options, "--output_dir", PARENT]
    if main(argv) or main(["onnx", folder]):
        raise SystemExit("the network cannot be exported; the error is above")
    _quantise(folder, os.path.join(folder, ONNX), pictures)
    return folder


def _write_weights(config: str, options: List[str]) -> None:
    import paddle
    from ppdet.core.workspace import create

    from ppdet_hourglass import plugin  # noqa: F401
    from ppdet_hourglass.compat.config import config_scope, load

    paddle.seed(0)
    with config_scope():
        cfg = load(config, options)
        paddle.save(create(cfg.architecture).state_dict(), cfg.weights)


def _quantise(folder: str, onnx: str, pictures: str) -> None:
    """Quantise without a comparison, which random weights would not pass."""
    from ppdet_hourglass.predict.export import people_in_folder
    from ppdet_hourglass.predict.model_spec import read_spec
    from ppdet_hourglass.predict.precision import write_int8

    spec = read_spec(folder)
    write_int8(onnx, folder, people_in_folder(pictures, None, spec), spec)
