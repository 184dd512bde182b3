"""Bad losses, what waits for the device, mixed precision, and threads."""

import paddle
import pytest
from ppdet.engine import Trainer
from ppdet.engine.callbacks import LogPrinter
from ppdet.utils.stats import TrainingStats

from ppdet_hourglass.compat import config as configs
from ppdet_hourglass.errors import UserError
from ppdet_hourglass.trainer import HourglassTrainer
from ppdet_hourglass.training import steps
from ppdet_hourglass.training.steps import LateStats, LossScaler, LossWatch

from ..conftest import ROOT, Messages
from ..end_to_end.conftest import TINY

#: Every way in which Python reads a tensor's value.
READS = ("numpy", "item", "tolist", "__array__", "__bool__", "__float__", "__int__")
READS += ("__index__", "__format__", "cpu")


def people(epoch, step):
    return [(5, "a.jpg"), (6, "b.jpg")]


@pytest.fixture
def watch():
    return LossWatch(people, lambda: "people.json")


@pytest.fixture
def lines():
    handler = Messages()
    steps.logger.addHandler(handler)
    yield handler.lines
    steps.logger.removeHandler(handler)


def note(watch, losses, epoch=0, log_iter=3):
    """Steps as the trainer notes and reads them."""
    for step, loss in enumerate(losses):
        figures = {"loss": loss, "acc_pose": 2 * loss}
        tensors = {name: paddle.to_tensor(value) for name, value in figures.items()}
        watch.note({"epoch_id": epoch, "step_id": step, "learning_rate": 0.1}, tensors)
        if step % log_iter == 0:
            watch.read()


def test_a_bad_loss_ends_the_run_when_it_is_read(watch):
    with pytest.raises(UserError) as error:
        note(watch, [1.0, float("nan"), 1.0, 1.0, 1.0])
    message = str(error.value)
    assert message.startswith("the loss is nan in epoch 0, step 1, learning rate 0.1;")
    assert "people.json: 5 (a.jpg), 6 (b.jpg)" in message
    assert "FLAGS_check_nan_inf" in message
    assert [step.number for step in watch.unread] == [1, 2, 3]  # step 3 is logged


def test_losses_are_read_when_they_are_logged(watch):
    heard = []
    watch.listeners.append(lambda step, means: heard.append((step.number, means)))
    note(watch, [1.0, 2.0, 3.0, 4.0, 5.0, 9.0])
    assert watch.record["steps"] == 4 and len(watch.unread) == 2
    watch.end_epoch(0)
    last = watch.record.pop("last")
    assert watch.record == {"first": 1.0, "sums": {}, "steps": 0}
    assert last == {"epoch": 0, "loss": 4.0, "acc_pose": 8.0, "learning_rate": 0.1}
    assert [(number, means["loss"]) for number, means in heard] == [
        (0, 1.0),
        (3, 3.0),
        (5, 7.0),
    ]


def test_a_growing_loss_is_a_warning(watch, lines):
    watch.record = {"first": 0.5, "sums": {"loss": 6.0}, "steps": 4}
    watch.end_epoch(3)
    (line,) = lines
    assert "epoch 3, 1.5" in line and "0.5" in line and "LearningRate.base_lr" in line
    watch.record = {"first": 0.5, "sums": {"loss": 2.0}, "steps": 4}
    watch.end_epoch(4)
    assert len(lines) == 1


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
        if hasattr(paddle.Tensor, name):
            watch(name)
    begin, end = HourglassTrainer.on_step_begin, HourglassTrainer.on_step_end
    line = LogPrinter.on_step_end

    def on_step_begin(self, status):
        begin(self, status)
        state["step"] = status["step_id"]

    def logged(self, status):
        state["logging"] = status["step_id"] % self.model.cfg.log_iter == 0
        line(self, status)

    def on_step_end(self, status):
        end(self, status)
        state.update(step=None, logging=False)

    monkeypatch.setattr(HourglassTrainer, "on_step_begin", on_step_begin)
    monkeypatch.setattr(HourglassTrainer, "on_step_end", on_step_end)
    monkeypatch.setattr(LogPrinter, "on_step_end", logged)
    return seen


def test_no_step_waits_for_the_device(trainer, reads):
    trainer("log_iter=2", "snapshot_epoch=9").train()
    assert reads == []


def test_the_watch_sees_the_stock_loop_wait(trainer, reads, monkeypatch):
    monkeypatch.setattr("ppdet_hourglass.trainer.LateStats", TrainingStats)
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
    cast, scaler = paddle.amp.auto_cast, steps.LossScaler

    def auto_cast(enable, level, dtype, **lists):
        casts.append((level, dtype))
        return cast(enable=enable, level=level, dtype=dtype)

    def grad_scaler(enable, init_loss_scaling):
        scales.append(init_loss_scaling)
        return scaler(enable=enable, init_loss_scaling=init_loss_scaling)

    monkeypatch.setattr(paddle.amp, "auto_cast", auto_cast)
    monkeypatch.setattr("ppdet_hourglass.trainer.LossScaler", grad_scaler)
    monkeypatch.setattr(paddle.amp, "is_bfloat16_supported", lambda: has_bfloat16)
    trainer("amp=true", "snapshot_epoch=9", *options).train()
    assert set(casts) == {("O1", dtype)} and scales == [scale]


def test_an_overflow_halves_the_scale(lines):
    """Which Paddle would say by float() of an array of shape (1,)."""
    scaler = object.__new__(LossScaler)  # Paddle enables it on a GPU only
    name = "_cache_founf_inf" if paddle.__version__ < "3" else "_cache_found_inf"
    setattr(scaler, name, True)
    scaler._enable = True
    scaler._decr_every_n_nan_or_inf, scaler._decr_count, scaler._incr_count = 2, 0, 5
    scaler._decr_ratio, scaler._scale = 0.5, paddle.to_tensor([1024.0])
    scaler._update()
    assert scaler._scale.item() == 1024 and scaler._incr_count == 0 and not lines
    scaler._update()
    assert scaler._scale.item() == 512 and scaler._decr_count == 0
    assert "1024" in lines[0] and "512" in lines[0]


def test_threads_share_the_cores(trainer, monkeypatch, lines):
    if not steps.is_available():
        pytest.skip("Paddle 2 has no gradient of a convolution to call")
    monkeypatch.setattr(steps.os, "sched_getaffinity", lambda _: set(range(3)))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    trainer("snapshot_epoch=9").train()
    assert "training on the CPU: 3 threads share each convolution" in lines


@pytest.mark.parametrize("fused", [True, False])
def test_adam_is_one_operation_unless_told_otherwise(trainer, fused):
    options = [] if fused else ["OptimizerBuilder.optimizer.use_multi_tensor=false"]
    assert trainer(*options).optimizer._use_multi_tensor == fused


def test_another_optimiser_stays_as_it_is(trainer):
    assert trainer("OptimizerBuilder.optimizer.type=SGD").optimizer.type == "sgd"
