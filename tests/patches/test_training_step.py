"""The training loop: what waits for the device, mixed precision, CPU threads."""

import paddle
import pytest
from ppdet.engine import Trainer
from ppdet.engine.callbacks import LogPrinter

from ppdet_hourglass.compat import config as configs
from ppdet_hourglass.patches import training_step
from ppdet_hourglass.patches.training_step import LateStats
from ppdet_hourglass.training.loss_watch import LossWatch

from ..conftest import ROOT, Messages
from ..end_to_end.conftest import TINY

#: Every way in which Python reads a tensor's value.
READS = ("numpy", "item", "tolist", "__array__", "__bool__", "__float__", "__int__")
READS += ("__index__", "__format__", "__len__", "cpu")


@pytest.fixture
def trainer(sample_people, tmp_path, config):
    """Makes a trainer of the tiny network on the sample people."""

    def make(*options):
        overrides = [f"dataset_dir={sample_people}", f"save_dir={tmp_path}", *TINY]
        overrides += ["use_gpu=false", *options]
        sample = str(ROOT / "configs/hourglass_sample.yml")
        paddle.set_device("cpu")
        return Trainer(configs.load(sample, overrides), mode="train")

    with configs.config_scope():  # the loader's thread reads the config too
        yield make


@pytest.fixture
def reads(monkeypatch):
    """Names of the reads of tensors while training, by step; logging is let through."""
    seen, state = [], {"step": None, "logging": False}

    def watch(name):
        stock = getattr(paddle.Tensor, name)

        def read(tensor, *args, **kwargs):
            if state["step"] is not None and not state["logging"]:
                seen.append((state["step"], name))
            return stock(tensor, *args, **kwargs)

        monkeypatch.setattr(paddle.Tensor, name, read)

    for name in READS:
        if hasattr(paddle.Tensor, name) and name != "__len__":
            watch(name)
    first, last = LossWatch.on_step_end, LogPrinter.on_step_end

    def on_step_begin(self, status):
        state["step"] = status["step_id"]

    def watched(self, status):
        state["logging"] = status["step_id"] % self.model.cfg.log_iter == 0
        first(self, status)

    def logged(self, status):
        last(self, status)
        state.update(step=None, logging=False)

    monkeypatch.setattr(LossWatch, "on_step_begin", on_step_begin)
    monkeypatch.setattr(LossWatch, "on_step_end", watched)
    monkeypatch.setattr(LogPrinter, "on_step_end", logged)
    return seen


def test_no_step_waits_for_the_device(trainer, reads):
    trainer("log_iter=2", "snapshot_epoch=9").train()
    assert reads == []


def test_the_watch_sees_the_stock_loop_wait(trainer, reads, monkeypatch):
    monkeypatch.setattr(training_step, "LateStats", training_step.stats.TrainingStats)
    trainer("log_iter=2", "snapshot_epoch=9").train()
    assert reads[:3] == [(0, "numpy"), (0, "numpy"), (1, "numpy")]


def test_the_log_shows_the_median_of_the_window():
    late = LateStats(window_size=3)
    for value in (9.0, 1.0, 2.0, 4.0):
        late.update({"loss": paddle.to_tensor(value), "other": paddle.to_tensor(0.5)})
    assert f"{late.log()}" == "loss: 2.000000 other: 0.500000"
    assert late.get({"first": 1}) == {
        "first": 1,
        "loss": "2.000000",
        "other": "0.500000",
    }


@pytest.mark.parametrize(
    "options, has_bfloat16, dtype, scale",
    [
        ([], True, "bfloat16", 2**20),
        ([], False, "float16", 2**20),
        (["amp_dtype=float16", "init_loss_scaling=512"], True, "float16", 512),
        (["amp_dtype=bfloat16"], False, "bfloat16", 2**20),
    ],
)
def test_mixed_precision(trainer, monkeypatch, options, has_bfloat16, dtype, scale):
    casts, scales = [], []
    cast, scaler = paddle.amp.auto_cast, paddle.amp.GradScaler

    def auto_cast(enable, level, dtype, **lists):
        casts.append((level, dtype))
        return cast(enable=enable, level=level, dtype=dtype)

    def grad_scaler(enable, init_loss_scaling):
        scales.append(init_loss_scaling)
        return scaler(enable=enable, init_loss_scaling=init_loss_scaling)

    monkeypatch.setattr(paddle.amp, "auto_cast", auto_cast)
    monkeypatch.setattr(paddle.amp, "GradScaler", grad_scaler)
    monkeypatch.setattr(paddle.amp, "is_bfloat16_supported", lambda: has_bfloat16)
    trainer("amp=true", "snapshot_epoch=9", *options).train()
    assert set(casts) == {("O1", dtype)} and scales == [scale]


def test_threads_share_the_cores(trainer, monkeypatch):
    if not training_step.is_available():
        pytest.skip("Paddle 2 has no gradient of a convolution to call")
    handler = Messages()
    training_step.logger.addHandler(handler)
    monkeypatch.setattr(training_step.os, "sched_getaffinity", lambda _: set(range(3)))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    made = trainer("snapshot_epoch=9")
    made.train()
    training_step.logger.removeHandler(handler)
    assert handler.lines == ["training on the CPU: 3 threads share each convolution"]


@pytest.mark.parametrize("fused", [True, False])
def test_adam_is_one_operation_unless_told_otherwise(trainer, fused):
    options = [] if fused else ["OptimizerBuilder.optimizer.use_multi_tensor=false"]
    assert trainer(*options).optimizer._use_multi_tensor == fused


def test_another_optimiser_stays_as_it_is(trainer):
    assert trainer("OptimizerBuilder.optimizer.type=SGD").optimizer.type == "sgd"
