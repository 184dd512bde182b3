"""Packaging; the configs travel inside the package as ppdet_hourglass/configs."""

import re
from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).parent
VERSION = re.search(
    r'__version__ = "(.+?)"', (HERE / "ppdet_hourglass/__init__.py").read_text()
).group(1)

# paddledet's wheel asks for `sklearn==0.0`, an empty stand-in: the real one must
# be asked for by name.  It imports pkg_resources, which later setuptools lack.
PADDLEDET = ["paddledet==2.6.0", "scikit-learn", "setuptools<81"]
DRAW = ["supervision>=0.22", "pillow>=10.1"]

# What runs and what makes an exported model, beside Paddle itself.
ONNX = ["onnxruntime"]
OPENVINO = ["openvino"]
EXPORT = ["paddle2onnx>=2.1", "packaging"]

setup(
    name="ppdet_hourglass",
    version=VERSION,
    description="Stacked hourglass human pose estimation for PaddleDetection",
    long_description=(HERE / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    python_requires=">=3.8",
    packages=[
        *find_packages(include=["ppdet_hourglass", "ppdet_hourglass.*"]),
        "ppdet_hourglass.configs",
    ],
    package_dir={"ppdet_hourglass.configs": "configs"},
    package_data={
        "ppdet_hourglass.configs": ["*.yml", "*/*.yml"],
        "ppdet_hourglass.data.mpii": ["tompson_split.txt"],
    },
    # Light on purpose: in a PaddleDetection checkout, Paddle and PaddleDetection
    # are there already, and pip must not bring others.
    install_requires=[
        "numpy",
        "opencv-python",
        "pycocotools",
        "pyyaml",
        "scipy",
        "tqdm",
    ],
    entry_points={"console_scripts": ["ppdet-hourglass = ppdet_hourglass.cli:main"]},
    extras_require={
        "cpu": ["paddlepaddle>=2.6.2", *PADDLEDET],
        "gpu": ["paddlepaddle-gpu", *PADDLEDET],
        "draw": DRAW,
        "onnx": ONNX,
        "openvino": OPENVINO,
        "export": EXPORT,
        "deploy": [*ONNX, *OPENVINO, *EXPORT],
        "convert": ["torch>=2.4"],
        "test": ["pytest", "ruff", *DRAW],
    },
    classifiers=[
        "License :: OSI Approved :: Apache Software License",
        "Programming Language :: Python :: 3",
        "Topic :: Scientific/Engineering :: Image Recognition",
    ],
)
