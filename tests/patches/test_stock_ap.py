import types

import numpy as np
import ppdet.metrics.keypoint_metrics as stock
import yaml

from ppdet_hourglass.keypoints.keypoint_file import read_keypoints
from ppdet_hourglass.patches.stock_ap import STOCK_AP, init_stock_metrics

from ..conftest import refused


class Config(dict):
    metric = STOCK_AP


def test_one_metric_compares_with_the_sets_sigmas():
    before = stock.COCOeval, stock.oks_nms
    seen = []

    def accumulate():
        seen.append(stock.COCOeval(iouType="keypoints").params.kpt_oks_sigmas)
        seen.append(stock.oks_nms.keywords["sigmas"])

    def choose(trainer, validate):
        trainer._metrics = [types.SimpleNamespace(accumulate=accumulate)]

    trainer = types.SimpleNamespace(cfg=Config(keypoints="coco"))
    init_stock_metrics(choose, trainer, False)
    trainer._metrics[0].accumulate()
    sigmas = np.array(read_keypoints("coco").sigmas)
    assert all(np.array_equal(found, sigmas) for found in seen) and len(seen) == 2
    assert (stock.COCOeval, stock.oks_nms) == before


def test_a_set_without_sigmas(tmp_path):
    path = tmp_path / "kite.yml"
    path.write_text(yaml.safe_dump({"joints": ["head", "tail"]}))
    trainer = types.SimpleNamespace(cfg=Config(keypoints=str(path)))
    assert refused(init_stock_metrics, None, trainer, False) == (
        f"metric KeyPointTopDownCOCOEval needs 'sigmas', which {path} does not give; "
        "use metric: PCK"
    )
