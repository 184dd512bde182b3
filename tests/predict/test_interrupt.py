import os
import signal
import threading

import pytest

from ppdet_hourglass.predict.run import interruptible


@pytest.fixture(autouse=True)
def listening():
    """A test run in the background ignores the signal."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def press():
    os.kill(os.getpid(), signal.SIGINT)


def test_the_first_waits_until_it_is_asked_for():
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        with interruptible() as check:
            check()
            press()
            done = True
            check()
    assert done and signal.getsignal(signal.SIGINT) is before


def test_sigterm_waits_too_and_ends_with_its_status(caplog):
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit) as ended:
        with interruptible() as check:
            check()
            os.kill(os.getpid(), signal.SIGTERM)
            check()
    assert ended.value.code == 143
    assert caplog.messages == ["stopped by SIGTERM"]
    assert signal.getsignal(signal.SIGTERM) is before


def test_the_second_acts_at_once():
    with pytest.raises(KeyboardInterrupt):
        with interruptible():
            press()
            press()
            pytest.fail("the second was held back too")


def test_who_ignores_it_goes_on():
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with interruptible() as check:
        press()
        check()
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def test_nothing_changes_in_another_thread():
    def run():
        with interruptible() as check:
            seen.append(signal.getsignal(signal.SIGINT))
            check()

    seen = []
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert seen == [signal.getsignal(signal.SIGINT)]
