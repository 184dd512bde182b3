import pytest

from ..predict.networks import OVERRIDES, random_weights


@pytest.fixture(scope="session")
def weights(tmp_path_factory):
    """Random weights of the tiny network."""
    folder = tmp_path_factory.mktemp("network")
    return random_weights(folder / "random.pdparams", OVERRIDES)
