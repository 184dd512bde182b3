"""What the trainer is given while it trains."""

import signal
import types
from contextlib import nullcontext

import paddle
import pytest

from ppdet_hourglass.patches import training
from ppdet_hourglass.training.stopping import Stopper

from ..training.test_checkpointer import keeper_of, status, trainer_in


class Scaler:
    """A gradient scaler, which Paddle has on a GPU only."""

    def __init__(self, enable, init_loss_scaling):
        self.state = {"scale": init_loss_scaling}

    def state_dict(self):
        return dict(self.state)

    def load_state_dict(self, state):
        self.state = dict(state)


@pytest.fixture
def trainer(tmp_path, monkeypatch):
    monkeypatch.setattr(training, "quick_steps", lambda _: nullcontext())
    trainer = trainer_in(tmp_path, architecture="TopDownHourglass")
    keeper = keeper_of(trainer)
    trainer._callbacks = [keeper, Stopper(trainer, keeper)]
    return trainer


def test_the_scaler_is_saved_and_restored(trainer, tmp_path, monkeypatch):
    monkeypatch.setattr(paddle.amp, "GradScaler", Scaler)
    keeper, _ = trainer._callbacks

    def train(self, validate):
        scaler = paddle.amp.GradScaler(enable=True, init_loss_scaling=1024)
        scaler.state["scale"] *= 2
        keeper.save_within(status("train", 0, 1))

    training._train(train, trainer)
    saved = paddle.load(str(tmp_path / "0_1.pdstate"))["scaler"]
    assert saved == {"scale": 2048} and paddle.amp.GradScaler is Scaler
    keeper.scaler_state = saved
    training._train(train, trainer)
    assert paddle.load(str(tmp_path / "0_1.pdstate"))["scaler"] == {"scale": 4096}


def test_signals_are_handled_while_it_trains(trainer, tmp_path):
    before = signal.getsignal(signal.SIGTERM)
    stopper = trainer._callbacks[1]

    def train(self, validate):
        signal.raise_signal(signal.SIGTERM)
        for step in (1, 2):
            stopper.on_step_begin(status("train", 0, step))

    with pytest.raises(SystemExit) as end:
        training._train(train, trainer)
    assert end.value.code == 143 and (tmp_path / "0_1.pdparams").exists()
    assert signal.getsignal(signal.SIGTERM) is before


def test_the_second_ctrl_c_acts_at_once(trainer):
    def train(self, validate):
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)

    # A test run in the background ignores Ctrl-C.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            training._train(train, trainer)
    finally:
        signal.signal(signal.SIGINT, before)


def test_signals_that_are_ignored_stay_so(trainer):
    def train(self, validate):
        signal.raise_signal(signal.SIGHUP)

    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does
    try:
        training._train(train, trainer)
    finally:
        signal.signal(signal.SIGHUP, before)
    assert trainer._callbacks[1].signal == 0


def test_other_architectures_train_as_before():
    trainer = types.SimpleNamespace(cfg={"architecture": "TopDownHRNet"})
    assert training._train(lambda self, validate: validate, trainer, True) is True
