"""Runs commands quickly, each in a process of its own, which may be killed: a process that has imported everything forks.

The forked command has the streams that Python made when the first process started, in its environment: encoding, buffer,
what is closed.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.runner import ROOT

PATIENCE = 300.0
"""Seconds after which a command hangs."""

SERVER = """
import atexit, faulthandler, json, os, signal, sys, traceback

jobs, answers = os.fdopen(int(sys.argv[1])), os.fdopen(int(sys.argv[2]), "w")
sys.modules["hypothesis"] = None  # pandera would import it, for nothing here
import jinja2, pandas, pandera.pandas, pyarrow.csv, pyarrow.parquet, xlsxwriter
import divide_cli.api, divide_cli.cli.commands, divide_cli.claims.reproduce, divide_cli.readers, divide_cli.reports.gaps
import divide_cli.reports.parquet, divide_cli.reports.workbook, divide_cli.sources.fetch, divide_cli.validation.run
from divide_cli.__main__ import main
from divide_cli.readers.opening import container

def after(operations, number):
    def hook(event, arguments):
        nonlocal operations
        writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
        if writes or event in ("os.rename", "os.remove", "os.link", "os.mkdir", "os.rmdir"):
            operations -= 1
            if operations == 0:
                os.kill(os.getpid(), number)
    sys.addaudithook(hook)

ENDING = (signal.SIGINT, signal.SIGTERM)

def run(job):
    os.chdir(job["folder"])
    os.environ.update(job["variables"])
    for number, name in ((1, "out"), (2, "err")):
        if job[name]:
            descriptor = os.open(job[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            if descriptor != number:
                os.dup2(descriptor, number)
                os.close(descriptor)  # it may have the number of a stream that is closed
    for number in ENDING:
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
    if job["spools"]:
        most = container.most
        container.most = lambda limit: 10 if limit == "bytes_in_memory" else most(limit)
    if job["operation"]:
        after(job["operation"], job["signal"])
    if sys.stderr:
        faulthandler.register(signal.SIGUSR1)  # where a command hangs
    sys.argv = ["divide", *job["arguments"]]
    code = 0
    try:
        try:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
            main()
        except SystemExit as end:
            code = end.code or 0
        except KeyboardInterrupt:
            code = 130  # before the command begins
        except BaseException:
            traceback.print_exc()
            code = 1
        atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
    finally:
        os._exit(code)

for line in jobs:
    job = json.loads(line)
    if isinstance(job, int):
        answer = os.waitstatus_to_exitcode(os.waitpid(job, 0)[1])
    else:
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)  # a signal waits until the command can be interrupted
        answer = os.fork()
        if not answer:
            run(job)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
    print(answer, file=answers, flush=True)
"""


class Commands:
    """The process that forks a command for each job, in an environment of its own."""

    def __init__(self, variables: Mapping[str, str | None] | None = None, before: str = "", **options: Any) -> None:
        """`variables` are set, or unset if None; `before` is a line of the shell; options are those of Popen."""
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1", "COLUMNS": "80", **(variables or {})}
        jobs, self._jobs = os.pipe()
        self._answers, answers = os.pipe()
        self._process = subprocess.Popen(
            ["bash", "-c", f'{before}\nexec "$@"', "bash", sys.executable, "-c", SERVER, str(jobs), str(answers)],
            env={name: value for name, value in environment.items() if value is not None},
            pass_fds=(jobs, answers),
            **options,
        )
        os.close(jobs)
        os.close(answers)
        self._answer = os.fdopen(self._answers)

    def __enter__(self) -> "Commands":
        return self

    def __exit__(self, *_error: object) -> None:
        os.close(self._jobs)
        self._answer.close()
        self._process.wait()

    def _ask(self, job: Any) -> int:
        os.write(self._jobs, json.dumps(job).encode() + b"\n")
        return int(self._answer.readline())

    def start(
        self,
        folder: Path,
        *arguments: str,
        out: Path | None = None,
        err: Path | None = None,
        operation: int = 0,
        how: int = 0,
        spools: bool = False,
        **variables: str,
    ) -> int:
        """Starts a command in the folder; the number of its process.

        Standard output goes to `out` and error to `err`. The command gets the signal before its n-th operation on files
        (0: never). With `spools`, all unpacked bytes go to a temporary file.
        """
        return self._ask(
            {
                "folder": str(folder), "arguments": arguments, "out": out and str(out), "err": err and str(err),
                "operation": operation, "signal": int(how), "spools": spools, "variables": variables,
            }
        )  # fmt: skip

    def wait(self, number: int) -> int:
        """The exit code of the process, negative for a signal. A command that hangs says where, on its standard error."""
        timer = threading.Timer(
            PATIENCE, lambda: (kill(number, signal.SIGUSR1), time.sleep(1), kill(number, signal.SIGKILL))
        )
        timer.start()
        try:
            return self._ask(number)
        finally:
            timer.cancel()

    def run(self, folder: Path, *arguments: str, **how: Any) -> int:
        """Runs a command to its end."""
        return self.wait(self.start(folder, *arguments, **how))


def kill(number: int, how: int) -> None:
    """Sends a signal to a process, if it is still there."""
    with suppress(ProcessLookupError):
        os.kill(number, how)
