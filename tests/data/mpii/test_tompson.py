import json
from collections import Counter

from ppdet_hourglass.data.mpii.annotation_files import read_split


def test_size_of_the_published_split():
    split = read_split()
    assert len(split) == 2729
    assert sum(map(len, split.values())) == 2958
    assert min(number for people in split.values() for number in people) == 1


def test_same_images_and_people_per_image_as_the_public_file(mpii):
    records = json.loads((mpii / "annotations/mpii_val.json").read_text())
    people = {name: len(numbers) for name, numbers in read_split().items()}
    assert people == Counter(record["image"] for record in records)
