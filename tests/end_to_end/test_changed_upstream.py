"""A PaddleDetection in which what only prediction and export use has changed."""

from ..running import run
from .conftest import arguments

CHANGED = """\
import sys
import ppdet.data.transform, ppdet.engine.trainer as trainer

trainer.visualize_results = lambda image: image
trainer._dump_infer_config = lambda *args: None
del trainer.get_categories, trainer.get_infer_results
del ppdet.data.transform.TopDownEvalAffine

from ppdet_hourglass.cli import main

raise SystemExit(main(sys.argv[1:]))
"""


def test_it_still_trains_and_export_says_what_is_wrong(sample_people, tmp_path):
    argv = arguments(sample_people, tmp_path)
    argv.append("TestReader.sample_transforms=[{NormalizeImage: {is_scale: true}}]")
    assert "model_final" in run("-c", CHANGED, "train", "--eval", *argv)
    argv.append(f"weights={tmp_path}/hourglass_sample/model_final")
    out = f"--output_dir={tmp_path}/export"
    log = run("-c", CHANGED, "export", out, *argv, status=1)
    assert "error: " in log.splitlines()[-1] and "not supported" in log
    assert "infer_cfg.yml" in log
