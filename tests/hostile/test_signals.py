"""A signal ends a command in order: its exit code, nothing temporary left, and no waiting for ever."""

import os
import signal
import subprocess
import sys
import time

import pytest

from tests.runner import ROOT

pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs signals")
WAITS = """
import signal, sys, threading, time
from pathlib import Path
from divide_cli import cli, temporary

def command(words):
    with temporary.written(Path(), b"unfinished"):
        print("x" * 10, flush=True)
        print("waits", file=sys.stderr, flush=True)
        {wait}

cli._command = command
cli.run()
"""
HANGS = "threading.Thread(target=time.sleep, args=(60,)).start()\n        time.sleep(60)"
"""The thread is waited for when the process ends: as a library may wait for its own."""
SHUTS_UP = "sys.stdout.write('x' * 1_000_000); sys.stdout.flush()"
"""More than the pipe holds, whose reader reads nothing."""


@pytest.mark.parametrize("wait", ["time.sleep(60)", HANGS, SHUTS_UP], ids=["sleeps", "hangs", "is not read"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_a_command_in_order(tmp_path, number, wait):
    awake = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    awake += "signal.signal(signal.SIGHUP, signal.SIG_DFL)\n"  # the tests may run under nohup
    script = awake + WAITS.replace("{wait}", wait)
    with subprocess.Popen(
        [sys.executable, "-c", script], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stderr.readline() == b"waits\n"
        time.sleep(0.2)
        assert len(list(tmp_path.iterdir())) == 1
        process.send_signal(number)
        assert process.wait(timeout=300) == 128 + number
        assert process.stderr.read() == b"divide: interrupted\n"
    assert not list(tmp_path.iterdir())


def test_a_signal_that_is_ignored_stays_so(tmp_path):
    """As under nohup: the command goes on."""
    wait = "signal.raise_signal(signal.SIGHUP); print('went on')"
    script = "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)\n" + WAITS.replace("{wait}", wait)
    made = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, check=False)  # fmt: skip
    assert (made.returncode, made.stdout.split()) == (0, [b"xxxxxxxxxx", b"went", b"on"])


def test_an_interruption_after_the_command_says_nothing(tmp_path):
    """One that comes while Python clears up an object would be printed as a traceback, and be lost."""
    late = (
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        + """
from divide_cli import __main__

class Late:
    def __del__(self):
        signal.raise_signal(signal.SIGINT)
        time.sleep(1)

def use(_language, use=cli.language.use):
    Late()
    print("after it", file=sys.stderr)

cli.language.use = use
__main__.main()
"""
    )
    script = WAITS.replace("{wait}", "pass").replace("cli.run()\n", late)
    made = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, check=False)  # fmt: skip
    assert (made.returncode, made.stdout, made.stderr) == (-signal.SIGINT, b"xxxxxxxxxx\n", b"waits\n")
