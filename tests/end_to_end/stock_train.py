"""PaddleDetection's ``tools/train.py``, which its wheel lacks: the steps of a training.

Like the original it binds the name ``Trainer`` before a config imports the plug-in.
"""

import cv2  # noqa: F401
import paddle
from ppdet.core.workspace import load_config, merge_config
from ppdet.engine import Trainer, init_parallel_env
from ppdet.utils import check
from ppdet.utils.cli import ArgsParser, merge_args


def main():
    parser = ArgsParser()
    parser.add_argument("--eval", action="store_true")
    parser.add_argument("-r", "--resume")
    for flag in ("--amp", "--fleet", "--use_vdl", "--use_wandb", "--to_static"):
        parser.add_argument(flag, action="store_true")
    for flag in ("--save_prediction_only", "--save_proposals"):
        parser.add_argument(flag, action="store_true")
    parser.add_argument("--profiler_options")
    parser.add_argument("--proposals_path", default="sniper/proposals.json")
    parser.add_argument("--vdl_log_dir", default="vdl_log_dir/scalar")
    flags = parser.parse_args()
    cfg = load_config(flags.config)
    merge_args(cfg, flags)
    merge_config(flags.opt)
    paddle.set_device("gpu" if cfg.use_gpu else "cpu")
    merge_config(flags.opt)
    check.check_config(cfg)
    check.check_version()
    init_parallel_env()
    trainer = Trainer(cfg, mode="train")
    if flags.resume is not None:
        trainer.resume_weights(flags.resume)
    elif cfg.get("pretrain_weights"):
        trainer.load_weights(cfg.pretrain_weights)
    trainer.train(flags.eval)


if __name__ == "__main__":
    main()
