"""Tiny detectors in PaddleDetection's export layout, which find fixed people.

Each gives four detections: the left half of the picture (a person of score 0.9), a
chair, a person of score 0.2, and the whole picture (a person of score 0.6).  The
picture's size comes from the inputs, so that wrong ones show.
"""

import numpy as np
import yaml

DESCRIPTION = {
    "mode": "paddle",
    "arch": "YOLO",
    "Preprocess": [
        {"type": "Resize", "target_size": [64, 96], "keep_ratio": False, "interp": 2},
        {"type": "NormalizeImage", "is_scale": True, "norm_type": "none"},
        {"type": "Permute"},
    ],
    "label_list": ["person", "chair"],
}

#: Class, score, and left, top, right, bottom as shares of the picture.
DETECTIONS = np.float32(
    [
        [0, 0.9, 0, 0, 0.5, 1],
        [1, 0.8, 0, 0, 1, 1],
        [0, 0.2, 0, 0, 1, 1],
        [0, 0.6, 0, 0, 1, 1],
    ]
)


def expected(width, height):
    """The people with a score of at least 0.5."""
    return [[0, 0, width / 2, height, 0.9], [0, 0, width, height, 0.6]]


def describe(folder, **changes):
    folder.mkdir(parents=True, exist_ok=True)
    content = {**DESCRIPTION, **changes}
    (folder / "infer_cfg.yml").write_text(yaml.safe_dump(content))


def paddle_detector(folder):
    """A folder for Paddle Inference."""
    import paddle
    from paddle.static import InputSpec

    class Fixed(paddle.nn.Layer):
        def __init__(self):
            super().__init__()
            given = paddle.nn.initializer.Assign(DETECTIONS)
            self.rows = self.create_parameter([4, 6], default_initializer=given)

        def forward(self, im_shape, image, scale_factor):
            height, width = paddle.split((im_shape / scale_factor)[0], 2)
            one = width / width + 0 * image.mean()
            size = paddle.concat([one, one, width, height, width, height])
            boxes = self.rows * size
            return boxes, paddle.full([1], 4, "int32")

    describe(folder)
    shapes = ([1, 2], [1, 3, 64, 96], [1, 2])
    names = ("im_shape", "image", "scale_factor")
    feeds = [InputSpec(shape, "float32", name) for shape, name in zip(shapes, names)]
    network = paddle.jit.to_static(Fixed(), input_spec=feeds, full_graph=True)
    paddle.jit.save(network, str(folder / "model"))
    return folder


def onnx_detector(folder):
    """A folder with an ONNX model, which takes no ``im_shape``, as PP-YOLOE's."""
    import onnx
    from onnx import helper, numpy_helper

    shares = DETECTIONS.copy()
    shares[:, 2:] *= [96, 64, 96, 64]  # pixels of what the detector sees
    ones = np.ones((1, 2), np.float32)
    nodes = [
        helper.make_node("Gather", ["scale_factor", "swap"], ["xy"], axis=1),
        helper.make_node("Concat", ["ones", "xy", "xy"], ["divisor"], axis=1),
        helper.make_node("Div", ["detections", "divisor"], ["boxes"]),
        helper.make_node("ReduceMean", ["image"], ["used"]),
    ]
    kind = onnx.TensorProto.FLOAT
    constants = {"swap": np.array([1, 0]), "ones": ones, "detections": shares}
    graph = helper.make_graph(
        nodes,
        "detector",
        [
            helper.make_tensor_value_info("image", kind, [1, 3, 64, 96]),
            helper.make_tensor_value_info("scale_factor", kind, [1, 2]),
        ],
        [
            helper.make_tensor_value_info("boxes", kind, [4, 6]),
            helper.make_tensor_value_info("used", kind, None),
        ],
        [numpy_helper.from_array(array, name) for name, array in constants.items()],
    )
    opset = [helper.make_opsetid("", 11)]
    describe(folder)
    model = helper.make_model(graph, opset_imports=opset, ir_version=8)
    onnx.save(model, str(folder / "detector.onnx"))
    return folder
