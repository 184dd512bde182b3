import pytest

from ppdet_hourglass.engine.guard import guarded, one_line
from ppdet_hourglass.errors import UserError


def raising(error):
    def command():
        raise error

    return command


def test_exit_status_and_message(capsys):
    assert guarded(lambda: None) == 0
    assert guarded(raising(UserError("scale must be positive"))) == 1
    assert capsys.readouterr().err == "error: scale must be positive\n"
    assert guarded(raising(KeyboardInterrupt())) == 130


def test_other_errors_keep_their_traceback():
    with pytest.raises(ZeroDivisionError):
        guarded(raising(ZeroDivisionError()))


@pytest.mark.parametrize("name", ["paddle", "ppdet", "supervision", "torch"])
def test_missing_frameworks_say_how_to_install_them(capsys, name):
    error = ModuleNotFoundError(f"No module named '{name}'", name=name)
    assert guarded(raising(error)) == 1
    message = capsys.readouterr().err
    assert (
        f"{name} is not installed" in message
        and "pip install 'ppdet_hourglass[" in message
    )
    with pytest.raises(ModuleNotFoundError):
        guarded(raising(ModuleNotFoundError("No module named 'x'", name="x")))


def test_an_error_of_a_data_worker_loses_its_traceback():
    wrapped = (
        "DataLoader worker(0) caught UserError with message:\n"
        "Traceback (most recent call last):\n"
        '  File "worker.py", line 1, in f\n'
        "ppdet_hourglass.errors.UserError: a.json: record 3: image b.jpg cannot be read"
    )
    message = "a.json: record 3: image b.jpg cannot be read"
    assert one_line(UserError(wrapped)) == message
    assert one_line(UserError(message)) == message
