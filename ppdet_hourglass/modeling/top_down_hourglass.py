"""The architecture: backbone, head, loss, flip test and decoding.

Shapes: N people, K joints, H x W image pixels.
"""

from typing import Any, Dict, List

import numpy as np
from paddle import Tensor
from ppdet.core.workspace import create, register
from ppdet.modeling.architectures.meta_arch import BaseArch

from ..compat.stock import host_array
from ..data.crop import PIXELS_PER_SCALE
from ..keypoints.keypoint_set import read_keypoints
from .codec import HeatmapCodec
from .heatmap_loss import heatmap_accuracy
from .pixels import DevicePixels


@register
class TopDownHourglass(BaseArch):
    """Top-down pose estimation with a stacked hourglass.

    In training it returns scalars, without waiting for the device: ``loss``, the
    heatmaps' accuracy ``acc_pose`` and, with several stacks, ``loss_stack1`` and so on.
    In evaluation it returns joints in image pixels, in the stock keypoint layout.
    After ``deploy = True``, which the stock exporter sets, it returns heatmaps and
    their argmax, as the HRNet deploy code expects.

    Args:
        backbone: name of the backbone; one output per stack.
        head: name of the head; one (N, K, H/4, W/4) per stack.  null for a
            backbone that predicts heatmaps itself.
        loss: name of the loss.
        flip_test, shift_heatmap, decoder, peak_offset: options of
            :class:`~ppdet_hourglass.modeling.codec.HeatmapCodec`.
        keypoints: the keypoint file, for the pairs that the flip test swaps;
            shared with the config's top-level ``keypoints``.
        mean, std: the colours' mean and standard deviation, for ``TopDownCrop``;
            shared with the config's top-level keys.

    Raises:
        UserError: ``decoder`` is unknown, or the keypoint file is wrong.
    """

    __category__ = "architecture"
    __inject__ = ["loss"]
    __shared__ = ["keypoints", "mean", "std"]

    def __init__(
        self,
        backbone="HourglassNet",
        head="HourglassHead",
        loss="HeatmapLoss",
        flip_test=True,
        shift_heatmap=False,
        decoder="quarter",
        peak_offset=0.0,
        keypoints="mpii",
        mean=[0.485, 0.456, 0.406],
        std=[0.229, 0.224, 0.225],
    ) -> None:
        super().__init__()
        self.backbone = backbone
        self.head = head
        self.loss = loss
        self.codec = HeatmapCodec(flip_test, shift_heatmap, decoder, peak_offset)
        self.flip_order = read_keypoints(keypoints).flip_order
        self.pixels = DevicePixels(mean, std)
        _ = self.codec.bump  # moves to the device before the first step
        self.deploy = False

    @classmethod
    def from_config(cls, cfg: Any, *args: Any, **kwargs: Any) -> Dict[str, Any]:
        """Build backbone and head (called by PaddleDetection)."""
        backbone = create(cfg["backbone"])
        head = cfg["head"] and create(cfg["head"], input_shape=backbone.out_shape)
        return {"backbone": backbone, "head": head}

    def heatmaps(self, image: Tensor) -> List[Tensor]:
        """(N, 3, H, W) normalised RGB -> (N, K, H/4, W/4) per stack."""
        outs = self.backbone(image)
        return outs if self.head is None else self.head(outs)

    def get_loss(self) -> Dict[str, Tensor]:
        """Loss of a training batch, and scalars for the record only."""
        inputs = self.inputs
        if "joints" in inputs:  # of TopDownCrop, which leaves the rest to the device
            image = self.pixels.normalise(inputs["image"])
            stacks = self.heatmaps(image)
            size = stacks[-1].shape[:1:-1]
            stride = image.shape[3] / size[0], image.shape[2] / size[1]
            # --to_static cannot trace a method that it finds on a dataclass's instance.
            targets = HeatmapCodec.encode(self.codec, inputs["joints"], stride, size)
        else:
            stacks = self.heatmaps(inputs["image"])
            targets = inputs["target"], inputs["target_weight"]
        losses = self.loss(stacks, *targets)
        figures = {"acc_pose": heatmap_accuracy(stacks[-1], *targets)}
        if len(losses) > 1:
            for number, loss in enumerate(losses, 1):
                figures[f"loss_stack{number}"] = loss.detach()
        return {"loss": sum(losses[1:], losses[0]), **figures}

    def get_pred(self) -> Any:
        """Joints of a batch; while exporting, heatmaps and their flat argmax."""
        image = self.inputs["image"]
        if self.deploy:
            heatmaps = self.heatmaps(image)[-1]
            # Paddle 3 cannot export argmax in the older program format.
            highest = heatmaps.flatten(2).topk(1)[1].squeeze(-1)
            return {"keypoint": (heatmaps, highest)}
        maps = HeatmapCodec.average(
            self.codec,
            lambda image: host_array(self.heatmaps(image)[-1].astype("float32")),
            image,
            mirror=lambda image: image[..., ::-1],  # on CPUs flip() takes 6x as long
            flip_order=self.flip_order,
        )
        if "center" in self.inputs:
            crops = self.inputs["center"].numpy(), self.inputs["scale"].numpy()
        else:  # a whole image, which TopDownEvalAffine crops to a square of its width
            sizes = self.inputs["im_shape"].numpy()[:, ::-1]
            crops = sizes / 2, sizes / PIXELS_PER_SCALE
        keypoints, scores = HeatmapCodec.decode(self.codec, maps, *crops)
        joints = np.concatenate([keypoints, scores[..., None]], axis=-1)
        return {"keypoint": [[joints, scores.mean(axis=1, keepdims=True)]]}
