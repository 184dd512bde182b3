import types

import numpy as np
import ppdet.metrics.keypoint_metrics as stock
import pytest
import yaml

from ppdet_hourglass.errors import UserError
from ppdet_hourglass.keypoints.keypoint_file import read_keypoints
from ppdet_hourglass.patches.stock_ap import check_sigmas, use_sigmas


def test_one_metric_compares_with_the_sets_sigmas():
    before = stock.COCOeval, stock.oks_nms
    seen = []

    def accumulate():
        seen.append(stock.COCOeval(iouType="keypoints").params.kpt_oks_sigmas)
        seen.append(stock.oks_nms.keywords["sigmas"])

    metric = types.SimpleNamespace(accumulate=accumulate)
    use_sigmas(metric, read_keypoints("coco"))
    metric.accumulate()
    sigmas = np.array(read_keypoints("coco").sigmas)
    assert all(np.array_equal(found, sigmas) for found in seen) and len(seen) == 2
    assert (stock.COCOeval, stock.oks_nms) == before


def test_a_set_without_sigmas(tmp_path):
    path = tmp_path / "kite.yml"
    path.write_text(yaml.safe_dump({"joints": ["head", "tail"]}))
    with pytest.raises(UserError) as error:
        check_sigmas(read_keypoints(str(path)))
    assert str(error.value) == (
        f"metric KeyPointTopDownCOCOEval needs 'sigmas', which {path} does not give; "
        "use metric: PCK"
    )
