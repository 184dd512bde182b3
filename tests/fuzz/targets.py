"""What is attacked: each function changes a sound input, and reads it.

They take a folder to write in and a ``random.Random``.
"""

from . import mat_files, networks, people

TARGETS = (
    *(people.annotations, people.checked_annotations, people.coco_annotations),
    *(mat_files.ground_truth, mat_files.release),
    *(mat_files.ground_truth_of_other_shapes, people.boxes, people.results),
    *(people.labelme, networks.keypoint_file, networks.config_file, networks.options),
    *(networks.weights, networks.exported_folder, networks.detector_folder),
    *(networks.safetensors, people.pictures),
)
