import inspect
from dataclasses import asdict
from itertools import combinations

import numpy as np
import paddle
import pytest
from ppdet.core.workspace import create

from ppdet_hourglass.keypoints.keypoint_set import read_keypoints
from ppdet_hourglass.modeling.codec import HeatmapCodec
from ppdet_hourglass.modeling.heatmap_loss import heatmap_accuracy
from ppdet_hourglass.modeling.top_down_hourglass import TopDownHourglass


@pytest.fixture
def network(config):
    def build(stacks=1, **options):
        config["HourglassNet"].update(
            num_stacks=stacks,
            downsample_times=2,
            stage_channels=[8, 12, 16],
            stage_blocks=[1, 1, 1],
            feat_channels=8,
        )
        config["TopDownHourglass"].update(options)
        paddle.seed(1)
        model = create("TopDownHourglass")
        for parameter in model.parameters():  # else the maps are all but zero
            if parameter.trainable:
                parameter.set_value(paddle.randn(parameter.shape) * 0.3)
        model.eval()
        return model

    return build


def batch(people=3, seed=0):
    rng = np.random.default_rng(seed)
    arrays = {
        "image": rng.normal(size=(people, 3, 64, 64)),
        "target": rng.random((people, 16, 16, 16)),
        "target_weight": rng.integers(0, 2, (people, 16, 1)),
        "center": rng.uniform(50, 90, (people, 2)),
        "scale": np.full((people, 2), 0.5),
    }
    return {k: paddle.to_tensor(v.astype("float32")) for k, v in arrays.items()}


@pytest.mark.parametrize("stacks", [1, 2])
def test_training_sums_the_loss_over_stacks(network, stacks):
    model = network(stacks)
    model.train()
    data = batch()
    figures = {name: float(value) for name, value in model(data).items()}
    maps = model.heatmaps(data["image"])
    assert len(maps) == stacks
    expected = [
        (((m - data["target"]) * data["target_weight"].unsqueeze(-1)) ** 2).mean()
        for m in maps
    ]
    assert figures.pop("loss") == pytest.approx(float(sum(expected)), rel=1e-4)
    targets = data["target"], data["target_weight"]
    accuracy = float(heatmap_accuracy(maps[-1], *targets))
    assert figures.pop("acc_pose") == pytest.approx(accuracy, abs=0.05)
    names = ["loss_stack1", "loss_stack2"] if stacks == 2 else []
    assert list(figures) == names
    for name, loss in zip(names, expected):
        assert figures[name] == pytest.approx(float(loss), rel=1e-4)


def test_the_accuracy_is_that_of_the_last_stack(network, monkeypatch):
    model = network(2)
    model.train()
    data = batch()
    wrong, right = data["target"].flip([2, 3]), data["target"]
    monkeypatch.setattr(model, "heatmaps", lambda image: [wrong, right])
    assert float(model(data)["acc_pose"]) == 1.0
    monkeypatch.setattr(model, "heatmaps", lambda image: [right, wrong])
    assert float(model(data)["acc_pose"]) < 0.5


def test_a_training_step_never_waits_for_the_device(network, monkeypatch):
    model = network(2)
    model.train()
    data = batch()

    def refuse(self, *args, **kwargs):
        raise AssertionError("host synchronisation in a training step")

    for name in ("numpy", "item", "tolist", "__float__", "__bool__", "__array__"):
        monkeypatch.setattr(paddle.Tensor, name, refuse)
    model(data)["loss"].backward()


def test_a_sample_without_a_crop_is_a_picture_of_that_width(network):
    """As the stock TopDownEvalAffine crops it: a square around the middle."""
    model = network()
    data = batch(people=2)
    data["center"] = paddle.to_tensor([[75.0, 50.0], [20.0, 45.0]])
    data["scale"] = paddle.to_tensor([[0.75, 0.75], [0.2, 0.2]])
    expected = model(data)["keypoint"][0][0]
    whole = {"image": data["image"]}
    whole["im_shape"] = paddle.to_tensor([[100.0, 150.0], [90.0, 40.0]])
    assert model(whole)["keypoint"][0][0] == pytest.approx(expected, abs=1e-4)


def test_flip_test_averages_with_the_mirrored_image(network):
    model = network(flip_test=True, shift_heatmap=False)
    image = batch()["image"]
    plain = model.heatmaps(image)[-1].numpy()
    mirrored = model.heatmaps(image.flip([3]))[-1].numpy()
    expected = (plain + mirrored[:, read_keypoints("mpii").flip_order, :, ::-1]) / 2
    scores = model(batch())["keypoint"][0][0][..., 2]
    assert scores == pytest.approx(expected.max(axis=(2, 3)), rel=1e-5)


def test_options_change_the_result(network):
    plain = {"flip_test": True, "shift_heatmap": False, "decoder": "quarter"}
    cases = [
        {"flip_test": False},
        {},
        {"shift_heatmap": True},
        {"decoder": "dark"},
        {"peak_offset": 0.5},
    ]
    models = [network(**{**plain, "peak_offset": 0.0, **case}) for case in cases]
    joints = [model(batch())["keypoint"][0][0] for model in models]
    for a, b in combinations(joints, 2):
        assert a.shape == (3, 16, 3) and not np.allclose(a, b)
    moved = joints[4] - joints[1]
    pixels = 0.5 * 200 / 16  # of the image, per heatmap pixel
    assert moved[..., :2] == pytest.approx(pixels / 2, abs=1e-3)
    assert (moved[..., 2] == 0).all()


def test_joints_do_not_depend_on_the_batch(network):
    model = network()
    together = model(batch())["keypoint"][0][0]
    data = {key: value[1:2] for key, value in batch().items()}
    alone = model(data)["keypoint"][0][0]
    assert alone[0] == pytest.approx(together[1], abs=1e-3)


@pytest.mark.parametrize("stacks", [1, 2])
def test_deploy_gives_the_last_heatmaps_and_their_argmax(network, stacks):
    model = network(stacks)
    model.deploy = True
    data = batch()
    heatmaps, index = model(data)["keypoint"]
    last = model.heatmaps(data["image"])[-1].numpy()
    assert (heatmaps.numpy() == last).all()
    assert (index.numpy() == last.reshape(3, 16, -1).argmax(-1)).all()


def test_the_codecs_options_are_the_architectures():
    parameters = inspect.signature(TopDownHourglass.__init__).parameters
    options = {name: parameters[name].default for name in asdict(HeatmapCodec())}
    assert options == asdict(HeatmapCodec())
