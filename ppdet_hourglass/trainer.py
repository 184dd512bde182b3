"""The trainer: what a training run adds to PaddleDetection's own loop.

:class:`HourglassTrainer` is PaddleDetection's ``Trainer`` for hourglass configs.  The
loop over epochs and steps stays PaddleDetection's (``ppdet/engine/trainer.py``).  The
trainer is its own callback there.  A step goes like this:

====================== ================================================================
``on_step_begin``      on a signal or by the clock, writes a snapshot; may end the run
                       (``training/stopping.py``, ``checkpoints.py``)
the loop               runs the network: ``TopDownHourglass.get_loss`` and its
                       ``HeatmapLoss`` (``modeling/``) compute loss and figures
``_see``               keeps the loss and the other figures, on the device
the loop               computes gradients, steps optimiser and learning rate
``LogPrinter``         every ``log_iter`` steps, logs PaddleDetection's line with the
                       figures that ``LateStats`` kept (``training/steps.py``)
``on_step_end``        notes the figures and, with each log line, reads them, as each
                       snapshot does first: a loss that is not finite ends the run
                       (``LossWatch`` in ``training/steps.py``)
====================== ================================================================

An epoch ends like this:

====================== ================================================================
``on_epoch_end``       judges the mean loss and, if it is due, writes a snapshot
                       (``gather`` in ``training/checkpoints.py``; a resume calls
                       ``put_back`` in ``training/resuming.py``)
the loop               with ``--eval``, after a snapshot and in the first process,
                       evaluates the metric (``metrics/``)
``on_epoch_end``       writes a row of ``results.csv``, curves and images
                       (``training/record.py``; its columns: ``training/table.py``),
                       then ``best_model``
====================== ================================================================
"""

import os
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any, Dict, Iterator, List, Optional, Sequence

import numpy as np
import paddle
import paddle.distributed as dist
from ppdet.core.workspace import create, get_registered_modules, global_config
from ppdet.data.source.keypoint_coco import KeypointTopDownBaseDataset
from ppdet.engine import Trainer
from ppdet.engine.callbacks import Callback, Checkpointer, ComposeCallback
from ppdet.utils import stats
from ppdet.utils.logger import setup_logger

from .compat.config_check import RESUME, check_config
from .compat.stock import STOCK_AP, is_ours, replaced
from .compat.weights import load_weights
from .data.config_facts import fill_config
from .data.people_dataset import check_stock_dataset
from .errors import UserError, WriteError, one_line
from .keypoints.keypoint_set import read_keypoints
from .predict.outputs import ImageFolder
from .training import reading, resuming
from .training.checkpoints import SnapshotKeeper
from .training.reading import SKIP, mix_seeds, seed_run
from .training.record import RunRecord, VisualRecord
from .training.sharing import SharedBatches, SharedMetric
from .training.steps import (
    LOSS_SCALE,
    LateStats,
    LossScaler,
    LossWatch,
    amp_dtype,
    drop_fused,
    scaled_learning_rate,
    share_cores,
)
from .training.stopping import Stopper

logger = setup_logger(__name__)

#: Architecture of PaddleDetection's deploy code whose two outputs the hourglass has.
DEPLOY_ARCHITECTURE = "TopDownHRNet"


def trainer_class(cfg: Any) -> type:
    """The class that PaddleDetection's ``Trainer(cfg)`` makes an instance of."""
    if cfg is None:  # an instance is being copied
        return Trainer
    if is_ours(cfg):
        return HourglassTrainer
    named = cfg.get("metric") in registered_metrics() or cfg.get("keypoints")
    return KeypointTrainer if named else Trainer


def registered_metrics() -> List[str]:
    """Names of the registered classes of category ``metric``."""
    modules = get_registered_modules().items()
    return sorted(name for name, module in modules if module.category == "metric")


class KeypointTrainer(Trainer):
    """For any architecture: ``keypoints: FILE`` and ``metric: NAME`` take effect."""

    def __init__(self, cfg: Any, mode: str = "train") -> None:
        if cfg.get("keypoints"):
            keypoints = fill_config(cfg)
            trains, evaluates = mode == "train", mode == "eval"
            evaluates |= trains and bool(cfg.get("eval"))
            for name in ["TrainDataset"] * trains + ["EvalDataset"] * evaluates:
                if isinstance(cfg.get(name), KeypointTopDownBaseDataset):
                    check_stock_dataset(cfg[name], keypoints)
        super().__init__(cfg, mode)

    def _init_metrics(self, validate: bool = False) -> None:
        """Make the metric; before training with ``--eval``, check that it works.

        PaddleDetection knows only its own metrics; with any other it warns after the
        first epoch and evaluates nothing.

        Raises:
            UserError: the metric cannot score its data set.
        """
        evaluates = self.mode != "test" and (self.mode != "train" or validate)
        if self.cfg.metric in registered_metrics():
            self._metrics = [create(self.cfg.metric)] if evaluates else []
        else:
            if self.mode == "train" and validate:
                self.cfg["EvalDataset"] = create("EvalDataset")()
            super()._init_metrics(validate)
            self._use_own_sigmas()
        if self.mode == "train" and not validate and self.cfg.get("eval"):
            self._init_metrics(validate=True)
            for metric in self._metrics:
                getattr(metric, "check_it_scores", lambda: None)()
            self._metrics = []

    def _use_own_sigmas(self) -> None:
        """Let PaddleDetection's AP use the sigmas of the keypoint file."""
        source = self.cfg.get("keypoints")
        if not self._metrics or self.cfg.metric != STOCK_AP or not source:
            return
        from ppdet.metrics import keypoint_metrics
        from ppdet.modeling.keypoint_utils import oks_nms

        from .metrics.oks import evaluation_with

        keypoints = read_keypoints(source)
        if keypoints.sigmas is None:
            remedy = f"in {keypoints.source}: add them, or use metric: PCK"
            raise UserError(f"metric {STOCK_AP} needs 'sigmas' {remedy}")
        nms = partial(oks_nms, sigmas=np.array(keypoints.sigmas))
        own = {"COCOeval": evaluation_with(keypoints.sigmas), "oks_nms": nms}
        for metric in self._metrics:
            metric.accumulate = replaced(keypoint_metrics, **own)(metric.accumulate)


class HourglassTrainer(KeypointTrainer, Callback):
    """Trains, evaluates, predicts and exports an hourglass; see the module.

    Attributes:
        steps_done: steps of the first epoch that the resumed run has made.
        figures: scalars that the network returned for the present step, the loss among
            them, on the device.
    """

    def __init__(self, cfg: Any, mode: str = "train") -> None:
        check_config(cfg)
        self.steps_done = 0
        self.figures: Dict[str, paddle.Tensor] = {}
        self.amp: Dict[str, Any] = {}
        if cfg.get("amp"):
            self.amp = {"dtype": amp_dtype(cfg)}
            logger.info(f"mixed precision: {self.amp['dtype']}")
            cfg.setdefault("init_loss_scaling", LOSS_SCALE)
        with ExitStack() as stack:
            if mode == "train":
                seed_run(cfg)
                drop_fused(cfg["OptimizerBuilder"])
                stack.enter_context(scaled_learning_rate(cfg))
            stack.enter_context(self._own_parts())
            super().__init__(cfg, mode)
        if mode == "train" and cfg.get("on_bad_image") == SKIP:
            self.loader.dataset.skip_bad_images()

    @contextmanager
    def _own_parts(self) -> Iterator[None]:
        """Let PaddleDetection and Paddle use this package's parts while they run."""
        amp = {
            "auto_cast": partial(paddle.amp.auto_cast, **self.amp),
            "decorate": partial(paddle.amp.decorate, **self.amp),
            "GradScaler": self._make_scaler,
        }
        with (
            replaced(global_config["TrainReader"], pymodule=reading),
            replaced(global_config["EvalReader"], pymodule=reading),
            replaced(stats, TrainingStats=LateStats),
            replaced(paddle.amp, **(amp if self.amp else {})),
        ):
            yield

    def _make_scaler(self, **options: Any) -> LossScaler:
        """Make the gradient scaler of mixed precision; it resumes its state."""
        keeper = self.snapshots
        keeper.scaler = LossScaler(**options)
        if keeper.scaler_state:
            keeper.scaler.load_state_dict(keeper.scaler_state)
        return keeper.scaler

    def _init_metrics(self, validate: bool = False) -> None:
        """Make the metric; an unknown metric and a set without a batch are errors."""
        if self.mode == "train" and not len(self.loader):
            # All epochs would pass without a batch.
            size = f"TrainReader.batch_size = {self.cfg.TrainReader['batch_size']}"
            people = f"{len(self.dataset)} people, fewer than {size}"
            raise UserError(f"the training set holds {people}")
        super()._init_metrics(validate)
        wanted = self.mode == "eval" or validate
        if wanted and not self._metrics:
            own = f"this package's are {', '.join(registered_metrics())}"
            raise UserError(f"config key 'metric': unknown {self.cfg.metric!r}; {own}")

    def _init_callbacks(self) -> None:
        """Make the parts of a training run; replace the stock checkpointer."""
        use_vdl = self.cfg.get("use_vdl")
        if self.mode == "train":  # the stock writer reads the loss in every step
            self.cfg["use_vdl"] = False
        super()._init_callbacks()
        if self.mode != "train":
            return
        self.cfg["use_vdl"] = use_vdl
        stock = next(c for c in self._callbacks if type(c) is Checkpointer)
        self.watch = LossWatch(self._people, self.dataset.get_anno)
        self.snapshots = SnapshotKeeper(self, stock.save_dir, self.watch)
        self.record = RunRecord(self.cfg, self.snapshots.save_dir)
        self.board: Optional[VisualRecord] = None
        self.stopper = Stopper()
        self.model.register_forward_post_hook(self._see)
        self._callbacks = [c for c in self._callbacks if c is not stock] + [self]
        self._compose_callback = ComposeCallback(self._callbacks)

    def load_weights(self, weights: str, *args: Any, **kwargs: Any) -> None:
        """Read weights, also ``.safetensors``; evaluation needs all layers.

        Pre-trained weights may lack layers (other keypoints, another head); a warning
        names them.
        """
        if self.is_loaded_weights:
            return
        training = self.mode == "train"
        option = "pretrain_weights" if training else "weights"
        if not weights:
            raise UserError(f"config has no key '{option}': give -o {option}=FILE")
        self.start_epoch = 0
        load_weights(self.model, weights, not training, option)
        logger.info(f"loaded weights {weights}")

    def resume_weights(self, weights: str) -> None:
        """Resume from ``-r``: ``auto``, a folder, or a snapshot.

        Without any snapshot, training begins with ``pretrain_weights``.
        """
        if dist.get_rank() == 0:
            self.snapshots.take_folder()
        if dist.get_world_size() > 1:
            dist.barrier()
        try:
            chosen = resuming.choose(self.model, weights, self.snapshots.save_dir)
        except UserError:
            self.snapshots.leave_folder()
            raise
        if chosen:
            resuming.go_on(self, chosen)
        elif self.cfg.get("pretrain_weights"):
            self.load_weights(self.cfg["pretrain_weights"])

    def train(self, validate: bool = False) -> None:
        """Run PaddleDetection's loop, which calls the methods below.

        With ``validate``, each epoch that has a snapshot is evaluated.
        """
        try:
            if self.cfg.get(RESUME) and self.snapshots.newest is None:
                self.resume_weights(self.cfg[RESUME])
            if not self.cfg.get("to_static"):
                share_cores(self.model)
            with self.stopper.listening(), self._own_parts():
                super().train(validate)
        finally:
            self.snapshots.leave_folder()

    def on_train_begin(self, status: Any) -> None:
        """Before the first step, check the folder and open the record."""
        self.record.started = dist.get_rank() != 0
        if dist.get_rank() == 0:
            self.snapshots.take_folder()
            self.record.begin(self.snapshots.newest, self.start_epoch)
            if self.cfg.get("use_vdl"):
                steps = status["steps_per_epoch"]
                self.board = VisualRecord(self.cfg, self.snapshots.run, steps)
                self.watch.listeners.append(self.board.add_losses)

    def on_epoch_begin(self, status: Any) -> None:
        """Let the reader begin with the epoch's first step still to do.

        In ``reading``, ``OrderedBatches`` seeds the order, ``Samples`` augmentation.
        """
        epoch = status["epoch_id"]
        self.loader.start(self.cfg["seed"], epoch, self._done_in(epoch))

    def on_step_begin(self, status: Any) -> None:
        """Write a snapshot if it is due; end the run after a signal."""
        if status["mode"] == "eval":
            self._leave_after_epoch(status)
            return
        epoch = status["epoch_id"]
        step = status["step_id"] = status["step_id"] + self._done_in(epoch)
        paddle.seed(mix_seeds(self.cfg["seed"], epoch, step, dist.get_rank()))
        signal = self.stopper.agree(ask=step % self.cfg.log_iter == 0)
        if signal or self.snapshots.is_overdue():
            self.snapshots.save_within(status)
        if signal:
            if dist.get_world_size() > 1:
                dist.barrier()  # the launcher ends all processes when one has ended
            place = f"epoch {epoch} before step {step}"
            self.stopper.leave(signal, place, self.snapshots.newest)

    def _see(self, network: Any, inputs: Any, outputs: Any) -> None:
        """Keep what the network returned, without waiting for the device."""
        if not network.training:
            return
        self.figures = {name: value.detach() for name, value in outputs.items()}
        if not self.record.started:
            self.batch = inputs[0]

    def on_step_end(self, status: Any) -> None:
        """Note the step's figures; with each log line, read and check them."""
        if status["mode"] != "train":
            return
        epoch, step = status["epoch_id"], status["step_id"]
        self.watch.note(status, self.figures)
        if step % self.cfg.log_iter == 0:
            self.watch.read()
        if not self.record.started:
            place = f"epoch {epoch}, step {step}"
            people = self._people(epoch, step)
            self.record.start(self.model, self.batch, people, place)
            del self.batch

    def on_epoch_end(self, status: Any) -> None:
        """Write a snapshot after the epoch's training; record its evaluation."""
        epoch = status["epoch_id"]
        if status["mode"] != "eval":
            self.watch.end_epoch(epoch)
            if self.snapshots.is_due(epoch):
                self.snapshots.save_epoch(status)
        elif dist.get_rank() == 0:
            (metric,) = self._metrics
            steps = (epoch + 1) * status["steps_per_epoch"]
            losses = self.watch.record.get("last", {})
            row = self.record.add(epoch, steps, losses, metric)
            if status.get("save_best_model"):
                self.snapshots.keep_best(status, metric)
            if self.board:
                self.board.add_row(row)
        self._leave_after_epoch(status)

    def on_train_end(self, status: Any) -> None:
        """Close the record; raise an error if the last snapshot was not written."""
        if self.board:
            self.board.close()
        self.snapshots.end()

    def _done_in(self, epoch: int) -> int:
        """Steps of an epoch that were done before the resume."""
        return self.steps_done if epoch == self.start_epoch else 0

    def _people(self, epoch: int, step: int) -> List[Any]:
        """Record and image of each person in this process's batch of a step."""
        return self.loader.people(self.cfg["seed"], epoch, step)

    def _leave_after_epoch(self, status: Any) -> None:
        """End after a signal once the epoch's snapshot is written; a resume evaluates.

        With several processes only the first does, in its evaluation: the launcher
        ends the others, and by then the snapshot is written.
        """
        epoch, signal = status["epoch_id"], self.stopper.signal
        if signal and self.snapshots.saved_epoch == epoch:
            if status["mode"] == "eval" or dist.get_world_size() == 1:
                place = f"epoch {epoch} after its last step"
                self.stopper.leave(signal, place, self.snapshots.newest)

    def _eval_with_loader(self, loader: Any) -> None:
        """Evaluate; during training, a full disk costs only the evaluation."""
        try:
            super()._eval_with_loader(loader)
        except (OSError, WriteError) as error:
            if self.mode != "train":
                raise
            logger.error(
                f"no evaluation of epoch {self.status['epoch_id']}: {one_line(error)}; "
                "training continues"
            )
            self._reset_metrics()

    def evaluate(self) -> None:
        """Evaluate; processes under Paddle's launcher share the people."""
        with self._own_parts():
            if dist.get_world_size() == 1:
                super().evaluate()
                return
            size = self.cfg.EvalReader["batch_size"]
            batches = SharedBatches(self.dataset, batch_size=size)
            workers = self.cfg.worker_num
            self.loader = create("EvalReader")(self.dataset, workers, batches)
            shared = [SharedMetric(metric, self.status) for metric in self._metrics]
            with replaced(self, _metrics=shared):
                super().evaluate()

    def predict(
        self,
        images: Sequence[str],
        draw_threshold: float = 0.5,
        output_dir: str = "output",
        save_results: bool = False,
        visualize: bool = True,
        **unused: Any,
    ) -> None:
        """Predict one person in each image, as this package's ``infer`` does.

        PaddleDetection's own loop accepts its own metrics only, crops to a square as
        wide as the image, writes results by metrics that need ground truth, and draws
        every set of joints as MPII's.

        Args:
            images: paths of the images.
            draw_threshold: joints with a lower score are drawn faintly.
            output_dir: folder of results file and drawn images.
            save_results, visualize: whether to write the results file, and to draw.
            unused: arguments of PaddleDetection's method that do not apply to poses.

        Raises:
            UserError: an image could not be read; the others are done.
        """
        from .metrics.results import RESULTS_NAME
        from .predict.estimator import PoseEstimator
        from .predict.model_spec import spec_of
        from .predict.open_network import network_in
        from .predict.run import predict_all
        from .predict.sources import Images

        paths = [os.path.abspath(image) for image in images]
        folder = os.path.commonpath([os.path.dirname(path) for path in paths])
        names = [os.path.relpath(path, folder).replace(os.sep, "/") for path in paths]
        source = Images(folder, sorted(names))
        keypoints = read_keypoints(self.cfg["keypoints"])
        spec = spec_of(self.cfg, self.cfg["filename"], keypoints, self.model)
        network = network_in(self.model)
        os.makedirs(output_dir, exist_ok=True)
        predict_all(
            source,
            lambda frame: None,
            PoseEstimator(network, spec, self.cfg["TestReader"]["batch_size"]),
            os.path.join(output_dir, RESULTS_NAME) if save_results else None,
            ShownImages(output_dir, self) if visualize else None,
            faint_below=draw_threshold,
        )
        if source.problem:
            raise UserError(source.problem)

    def export(self, output_dir: str = "output_inference", **options: Any) -> None:
        """Export the network, plus what this package's own predictor needs.

        PaddleDetection's deploy code does not know this architecture, so the files name
        the HRNet that has the same outputs.

        Raises:
            UserError: PaddleDetection did not describe the model as expected, or the
                files could not be written completely; then the folder is unchanged.
        """
        from .predict.export_folder import DESCRIPTION, add_own, whole_export

        as_hrnet = self.cfg.copy()
        as_hrnet["architecture"] = DEPLOY_ARCHITECTURE
        name = os.path.splitext(os.path.basename(self.cfg["filename"]))[0]
        with whole_export(output_dir, name) as folder:
            # PyPI's paddledet asks Paddle 3 for a split graph, which cannot be saved.
            os.environ["ENABLE_FALL_BACK"] = "False"
            with replaced(self, cfg=as_hrnet):
                super().export(folder, **options)
            path = os.path.join(folder, name, DESCRIPTION)
            if not os.path.isfile(path):
                missing = f"its export did not write {name}/{DESCRIPTION}"
                raise UserError(f"this PaddleDetection is not supported: {missing}")
            add_own(path, read_keypoints(self.cfg["keypoints"]), self.model.codec)
        logger.info(f"exported to {os.path.join(output_dir, name)}")


class ShownImages(ImageFolder):
    """Drawn images, which PaddleDetection's callbacks (VisualDL) also receive.

    Args:
        folder: folder to write into.
        trainer: trainer whose callbacks receive them.
    """

    def __init__(self, folder: str, trainer: Trainer) -> None:
        super().__init__(folder)
        self.trainer = trainer

    def write(self, frame: Any, drawn: np.ndarray) -> None:
        """Write an image (H, W, 3) uint8 BGR."""
        super().write(frame, drawn)
        status, callbacks = self.trainer.status, self.trainer._compose_callback
        if callbacks:
            status.update(mode="test", original_image=frame.image[..., ::-1])
            status["result_image"] = drawn[..., ::-1]
            callbacks.on_step_end(status)
