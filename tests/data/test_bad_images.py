import numpy as np
import pytest

from ppdet_hourglass.data import bad_images
from ppdet_hourglass.data.images import ImageError

from ..conftest import Messages, refused


class People:
    """Five people, of whom 1 and 3 have no readable image."""

    def __len__(self):
        return 5

    def __getitem__(self, index):
        return bad_images.read_or_replace(self, index, self.read)

    def read(self, index):
        if index in (1, 3):
            raise ImageError(f"record {index} is cut off")
        return index, np.random.rand()


@pytest.fixture
def log():
    messages = Messages()
    bad_images.logger.addHandler(messages)
    yield messages.lines
    bad_images.logger.removeHandler(messages)


def test_an_error_by_default():
    assert refused(People().__getitem__, 1) == "record 1 is cut off"
    assert People()[0][0] == 0


def test_another_person_takes_the_place(log):
    people = People()
    bad_images.skip_bad_images(people)
    np.random.seed(0)
    first = [people[index][0] for index in (1, 3, 4, 1)]
    assert first[0] == first[3] and first[2] == 4 and {*first} <= {0, 2, 4}
    assert log[0].startswith("record 1 is cut off: skipped, 1 so far; person ")
    assert log[0].endswith(" takes the place (on_bad_image: skip)")
    assert f"skipped, {len(log)} so far" in log[-1] and len(log) >= 3
    # The augmentation's random numbers are those of a good sample.
    np.random.seed(0)
    expected = np.random.rand()
    np.random.seed(0)
    assert people[1][1] == expected


def test_nobody_is_left(log):
    people = People()
    bad_images.skip_bad_images(people)
    people.read = lambda index: People().read(1)
    assert refused(people.__getitem__, 0) == "record 1 is cut off"
    assert len(log) == bad_images.MOST_IN_A_ROW
