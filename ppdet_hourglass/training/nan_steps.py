"""``on_nan: skip`` leaves out steps whose loss is not finite; ``debug_nan`` finds why.

Both read a value of each step from the device, and so slow the training down.
"""

from typing import Any, Callable, List, Tuple

import paddle
import paddle.distributed as dist
from ppdet.engine.callbacks import Callback
from ppdet.utils.logger import setup_logger

from ..errors import UserError
from .loss_watch import LossWatch, Step

logger = setup_logger(__name__)

#: Default of the config's ``max_nan_steps``.
MAX_NAN_STEPS = 10


def before_step(optimizer: Any, allow: Callable[[], bool]) -> None:
    """Let ``optimizer.step()`` do nothing unless ``allow()``."""
    stock = optimizer.step

    def step() -> None:
        if allow():
            stock()

    optimizer.step = step


class NanStepSkipper(Callback):
    """Leaves the weights and statistics as they are if the loss is not finite.

    In mixed precision the gradient scaler leaves out the optimiser's step.

    Args:
        trainer: PaddleDetection's trainer.
        watch: tells the loss; skipped steps are taken from it.
    """

    def __init__(self, trainer: Any, watch: LossWatch) -> None:
        super().__init__(trainer)
        self.watch = watch
        self.left = trainer.cfg.get("max_nan_steps", MAX_NAN_STEPS)
        self.statistics: List[Tuple[paddle.Tensor, paddle.Tensor]] = []

    def on_train_begin(self, status: Any) -> None:
        """Guard the optimiser."""
        before_step(self.model.optimizer, self._is_finite)

    def on_step_begin(self, status: Any) -> None:
        """Keep the statistics, which a forward pass changes."""
        if status["mode"] == "train":
            state = self.model.model.state_dict().values()
            fixed = [tensor for tensor in state if tensor.stop_gradient]
            self.statistics = [(tensor, tensor.clone()) for tensor in fixed]

    def _is_finite(self) -> bool:
        """Whether the loss is finite, in all processes."""
        bad = (~paddle.isfinite(self.watch.loss)).astype("int32").reshape([1])
        if dist.get_world_size() > 1:
            dist.all_reduce(bad, op=dist.ReduceOp.MAX)
        return not bad.item()

    def on_step_end(self, status: Any) -> None:
        """Undo a step whose loss is not finite, up to ``max_nan_steps`` times.

        Raises:
            UserError: there were too many.
        """
        if status["mode"] != "train" or self._is_finite():
            return
        for tensor, before in self.statistics:
            tensor.set_value(before)
        place = (status["epoch_id"], status["step_id"], status["learning_rate"])
        step = Step(*place, self.watch.figures)
        message = self.watch.described(step, self.watch.loss.item())
        if not self.left:
            raise UserError(f"{message}; max_nan_steps were skipped before")
        self.left -= 1
        self.watch.loss = None
        logger.warning(f"step skipped: {message}")


class NanFinder(Callback):
    """Ends the training at the first tensor of a step that is not finite.

    Args:
        trainer: PaddleDetection's trainer.
    """

    def __init__(self, trainer: Any) -> None:
        super().__init__(trainer)
        self.place = ""

    def on_train_begin(self, status: Any) -> None:
        """Listen to every layer, and look at the gradients."""
        network = self.model.model
        network.register_forward_pre_hook(self._check_inputs)
        for name, layer in network.named_sublayers():
            layer.register_forward_post_hook(self._check_outputs(name, layer))
        if not self.model.use_amp:  # whose scaled gradients may be infinite
            before_step(self.model.optimizer, self._check_gradients)

    def on_step_begin(self, status: Any) -> None:
        """Note the step, for messages."""
        self.place = f"in epoch {status['epoch_id']}, step {status['step_id']}"

    def _check(self, what: str, value: Any) -> None:
        if isinstance(value, (list, tuple)):
            for item in value:
                self._check(what, item)
        elif isinstance(value, paddle.Tensor) and paddle.is_floating_point(value):
            if not bool(paddle.isfinite(value).all()):
                raise UserError(f"debug_nan: {what} is not finite {self.place}")

    def _check_inputs(self, network: Any, inputs: Any) -> None:
        for key, value in inputs[0].items():
            self._check(f"the input '{key}'", value)
        for name, value in network.state_dict().items():
            self._check(f"the weight {name}", value)

    def _check_outputs(self, name: str, layer: Any) -> Callable[..., None]:
        what = f"the output of {name} ({type(layer).__name__})"
        return lambda layer, inputs, outputs: self._check(what, outputs)

    def _check_gradients(self) -> bool:
        for name, parameter in self.model.model.named_parameters():
            self._check(f"the gradient of {name}", parameter.grad)
        return True
