"""What an exported folder says of its network."""

import shutil

import pytest
import yaml

from ppdet_hourglass.files import config_folder
from ppdet_hourglass.predict.model_spec import read_spec

from ..conftest import refused

NAN = float("nan")


@pytest.fixture
def folder(tmp_path):
    """Writes a description with changes of its steps and of the package's own key."""
    shutil.copy(config_folder() / "keypoints/mpii.yml", tmp_path / "keypoints.yml")

    def write(own={"peak_offset": 0.5}, **normalise):
        colors = {"mean": [0.5, 0.25, 0], "std": [1, 0.5, 0.25], **normalise}
        content = {
            "Preprocess": [
                {"type": "TopDownEvalAffine", "trainsize": [64, 96]},
                {"type": "NormalizeImage", "is_scale": True, **colors},
            ],
            "hourglass": {
                "keypoints": "keypoints.yml",
                "peak_offset": 0.5,
                **dict(own),
            },
        }
        (tmp_path / "infer_cfg.yml").write_text(yaml.safe_dump(content))
        return str(tmp_path)

    return write


def test_a_description(folder):
    spec = read_spec(folder())
    assert spec.input_size == (64, 96) and len(spec.keypoints) == 16
    assert spec.mean == (0.5, 0.25, 0) and spec.std == (1, 0.5, 0.25)
    assert spec.codec.peak_offset == 0.5
    of_bytes = read_spec(folder(mean=[51, 0, 0], std=[255, 51, 51], is_scale=False))
    assert of_bytes.mean[0] == pytest.approx(0.2) and of_bytes.std[0] == 1


@pytest.mark.parametrize(
    "key, changes",
    [
        ("peak_offset", {"own": {"peak_offset": NAN}}),
        ("peak_offset", {"own": {"peak_offset": "0.5"}}),
        ("decoder", {"own": {"decoder": "best"}}),
        ("std", {"std": [0, 1, 1]}),
        ("std", {"std": [-1, 1, 1]}),
        ("std", {"std": [NAN, 1, 1]}),
        ("std", {"std": [1, 1]}),
        ("mean", {"mean": [float("inf"), 1, 1]}),
        ("mean", {"mean": "white"}),
    ],
)
def test_values_that_predict_nothing(folder, key, changes):
    path = folder(**changes)
    message = refused(read_spec, path)
    assert message.startswith(f"{path}/infer_cfg.yml is not as the export left it")
    assert key in message
