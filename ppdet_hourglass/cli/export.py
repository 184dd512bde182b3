"""``export``: PaddleDetection's export, run by its own trainer."""

import argparse
import logging
import os
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, List, Optional

from ..errors import UserError
from .options import add_config

if TYPE_CHECKING:
    from ..predict.crops import Crop
    from ..predict.model_spec import ModelSpec

logger = logging.getLogger(__name__)

DETAILS = (
    "With --int8, it also writes model.onnx and the quantised model_int8.xml, which "
    "OpenVINO runs. It measures PCKh on the config's EvalDataset, if that is there."
)

#: NNCF's own number of inputs to calibrate with.
CALIBRATED = 300


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the stock ``tools/export_model.py``'s flags for pose models, and int8's."""
    add_config(parser)
    parser.add_argument(
        "--output_dir",
        default="output_inference",
        metavar="DIR",
        help="parent folder; the model's own folder below it is named after the "
        "config (default: %(default)s)",
    )
    parser.add_argument(
        "--safetensors",
        action="store_true",
        help="also write the weights as model.safetensors, which -o weights= and other "
        "frameworks can read",
    )
    parser.add_argument(
        "--int8",
        metavar="PICTURES",
        help="also quantise the model to int8, calibrated on this folder's pictures",
    )
    parser.add_argument(
        "--boxes",
        metavar="FILE",
        help="JSON file of the people's boxes in these pictures, as infer takes it; "
        "without it, each picture is one person",
    )
    parser.add_argument(
        "--max_loss",
        type=float,
        default=0.5,
        metavar="POINTS",
        help="do not keep an int8 model that loses more of PCKh Mean (default: "
        "%(default)s)",
    )


def run(args: argparse.Namespace) -> None:
    """Export the config's weights."""
    if args.boxes and not args.int8:
        raise UserError("--boxes is for the pictures of --int8")
    if args.int8:
        import nncf  # noqa: F401  (fail now, not after the export)
    if args.safetensors:
        import safetensors  # noqa: F401
    import paddle
    from ppdet.engine import Trainer

    from ..compat.config import load
    from ..compat.stock import is_ours
    from ..files import check_writable
    from ..predict.backends.choice import has_bf16

    cfg = load(args.config, args.opt, args)
    check_writable(args.output_dir)
    cfg.use_gpu = False
    paddle.set_device("cpu")
    trainer = Trainer(cfg, mode="test")
    trainer.load_weights(cfg.weights)
    trainer.export(args.output_dir)
    folder = os.path.join(args.output_dir, cfg.filename)
    if is_ours(cfg) and (args.int8 or has_bf16()):
        _lower_precisions(args, cfg, folder)
    if is_ours(cfg) and args.safetensors:
        _write_weights(trainer.model, folder)


def _write_weights(model: Any, folder: str) -> None:
    """Write ``model.safetensors``, whose header holds the folder's descriptions."""
    from ..compat.safetensors_file import to_safetensors
    from ..files import write_whole
    from ..predict.export_folder import DESCRIPTION, JOINTS, WEIGHTS

    facts = {"format": "paddle"}
    for name in (DESCRIPTION, JOINTS):
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            facts[name] = file.read()
    path = os.path.join(folder, WEIGHTS)
    write_whole(path, to_safetensors(model.state_dict(), facts))
    logger.info(f"wrote {path}")


def _lower_precisions(args: argparse.Namespace, cfg: Any, folder: str) -> None:
    """Quantise if asked to; measure bf16 if this processor has it."""
    from ..predict.backends.choice import has_bf16
    from ..predict.export_folder import read_spec
    from ..predict.lower_precision import people_of_config
    from ..predict.quantise import measure_bf16, quantise
    from .onnx import write_onnx

    spec = read_spec(folder)
    people = people_of_config(cfg, spec)
    crops = people.crops if people else []
    if args.int8:
        pictures = people_in_folder(args.int8, args.boxes, spec)
        crops = crops or pictures
        write_onnx(folder)
    if crops and has_bf16():
        measure_bf16(folder, crops)
    if args.int8:
        quantise(folder, pictures, people, args.max_loss)


def people_in_folder(
    folder: str, boxes: Optional[str], spec: "ModelSpec"
) -> "List[Crop]":
    """Crops of pictures to calibrate with: as infer cuts them, at most ``CALIBRATED``.

    Raises:
        UserError: the folder holds no picture, or the boxes file is wrong.
    """
    from ..frames.boxes_file import BoxesFile
    from ..frames.sources import open_source
    from ..predict.crops import crops_in

    source = open_source(folder)
    find = BoxesFile(boxes, source, 0.0) if boxes else lambda frame: None
    each = (crops_in([f.image], [find(f)], spec.input_size) for f in source)
    crops = list(islice(chain.from_iterable(each), CALIBRATED))
    if not crops:
        raise UserError(f"no picture in {folder} has a person to calibrate with")
    return crops
