"""Packaging; the configs travel inside the package as ppdet_hourglass/configs."""

import re
from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).parent
VERSION = re.search(
    r'__version__ = "(.+?)"', (HERE / "ppdet_hourglass/__init__.py").read_text()
).group(1)

# paddledet 2.6.0 itself is installed without its dependencies (README): it pins
# versions that Python 3.12 has no wheels of.  This is what `import ppdet.engine`
# asks for, lap and motmetrics only by warnings; VisualDL serves `--use_vdl`.
PADDLEDET = [
    "lapx",  # the module `lap`, with wheels for every Python
    "matplotlib",
    "motmetrics",
    "pandas",
    "requests",
    "scikit-learn",
    "six",
    "visualdl",
]

# PyAV's libx264, for videos that browsers play.
VIDEO = ["av"]

# What runs and what makes an exported model, beside Paddle itself.
ONNX = ["onnxruntime"]
OPENVINO = ["openvino"]
INT8 = [*OPENVINO, "nncf; python_version >= '3.10'"]
# Without the marker pip would take a version of 2022, the only one for Python 3.13.
EXPORT = ["paddle2onnx>=2.1; python_version < '3.13'", "packaging"]

# Weights as data, without pickle.
SAFETENSORS = ["safetensors>=0.4"]

setup(
    name="ppdet_hourglass",
    version=VERSION,
    description="Stacked hourglass human pose estimation for PaddleDetection",
    long_description=(HERE / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    python_requires=">=3.9",
    packages=[
        *find_packages(include=["ppdet_hourglass", "ppdet_hourglass.*"]),
        "ppdet_hourglass.configs",
    ],
    package_dir={"ppdet_hourglass.configs": "configs"},
    package_data={
        "ppdet_hourglass.configs": ["*.yml", "*/*.yml"],
        "ppdet_hourglass.data.mpii": ["tompson_split.txt"],
        "ppdet_hourglass.report": ["*.html", "*.css", "*.js", "*.yml"],
    },
    # Light on purpose: in a PaddleDetection checkout, Paddle and PaddleDetection
    # are there already, and pip must not bring others.
    install_requires=[
        "jinja2",
        "numpy",
        "opencv-python",
        "pillow>=10.1",  # EXIF orientation; its own font in any size
        "pooch>=1.8",  # downloads weights
        "pycocotools",
        "pyyaml",
        "scipy",
        "simplejpeg>=1.9",  # decodes JPEGs faster than OpenCV, to the same pixels
        # PaddleDetection imports pkg_resources, which later ones lack; stated here so
        # that no extra (torch asks for setuptools, too) brings one of them.
        "setuptools<81",
        "tqdm",
    ],
    entry_points={"console_scripts": ["ppdet-hourglass = ppdet_hourglass.cli:main"]},
    extras_require={
        "cpu": ["paddlepaddle>=2.6.2", *PADDLEDET],
        # PyPI's is 2.6.2, compiled for NumPy 1, which has no wheel for Python 3.13;
        # nor has that Paddle, so there it must be a Paddle 3 that is there already.
        "gpu": ["paddlepaddle-gpu", "numpy<2; python_version < '3.13'", *PADDLEDET],
        "video": VIDEO,
        "onnx": ONNX,
        "openvino": OPENVINO,
        "int8": INT8,
        "export": EXPORT,
        "deploy": [*ONNX, *INT8, *EXPORT],
        "safetensors": SAFETENSORS,
        "convert": ["torch>=2.4"],
        "web": ["gradio>=6; python_version >= '3.10'", *VIDEO],
        "browser": ["playwright"],  # tests of the pages, in a Chromium of the system
        "test": [
            "hypothesis",
            "import-linter",
            "ipykernel",
            "nbclient",
            "pytest",
            "pytest-xdist",
            "ruff",
            *VIDEO,
            *SAFETENSORS,
        ],
    },
    classifiers=[
        "License :: OSI Approved :: Apache Software License",
        "Programming Language :: Python :: 3",
        "Topic :: Scientific/Engineering :: Image Recognition",
    ],
)
