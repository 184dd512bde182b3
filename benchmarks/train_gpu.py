"""Sixty steps of a training, as ``train`` takes them, with the config's own loader.

A way of ``benchmarks.train --gpu``: ``benchmarks.train_gpu CONFIG KEY=VALUE ...``.
"""

import time
from typing import Any, Callable, Dict

from .workers import serve

#: Steps that are not timed, while kernels are chosen and queues fill, and timed ones.
WARM_UP, TIMED = 20, 40


class Enough(Exception):
    """Ends a training whose steps are measured."""


def training(config: str, *options: str) -> Callable[[], Dict[str, Any]]:
    """A training that ends after ``WARM_UP + TIMED`` steps, and answers its figures."""
    from ppdet_hourglass.cli.runner import set_up_process

    set_up_process(threads=1)
    from ppdet.engine import Trainer

    import ppdet_hourglass.plugin  # noqa: F401
    from ppdet_hourglass.compat.config import load
    from ppdet_hourglass.compat.stock import choose_device

    cfg = load(config, [*options, f"snapshot_epoch={10**9}", f"epoch={10**9}"])
    device = choose_device(cfg)
    trainer = Trainer(cfg, mode="train")
    meter = _meter(trainer, device)
    trainer.register_callbacks([meter])

    def step() -> Dict[str, Any]:
        try:
            trainer.train()
        except Enough:
            pass
        people = TIMED * cfg.TrainReader["batch_size"]
        return {
            "people": people / meter.seconds,
            "waiting": meter.waiting / meter.seconds,
            "MiB": _peak(device),
            "device": device,
        }

    return step


def _meter(trainer: Any, device: str) -> Any:
    """A callback that sums the seconds of the steps after the warm-up."""
    from ppdet.engine.callbacks import Callback

    class Meter(Callback):
        steps, waiting = 0, 0.0

        def on_step_begin(self, status: Any) -> None:
            if self.steps == WARM_UP:
                _synchronise(device)
                self.start = time.perf_counter()
            elif self.steps > WARM_UP:
                self.waiting += status["data_time"].value
            if self.steps == WARM_UP + TIMED:
                _synchronise(device)
                self.seconds = time.perf_counter() - self.start
                raise Enough
            self.steps += 1

    return Meter(trainer)


def _synchronise(device: str) -> None:
    import paddle

    if device == "gpu":
        paddle.device.synchronize()


def _peak(device: str) -> float:
    """Peak of the GPU's allocated memory, or of the process on a CPU; MiB."""
    import resource

    import paddle

    if device == "gpu":
        return paddle.device.cuda.max_memory_allocated() / 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    serve(training)
