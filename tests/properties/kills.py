"""Commands are killed at random: old or new everywhere, nothing left but after SIGKILL, and nothing after the next run.

`python -m tests.properties.kills 500` kills as many; a second number is another seed.
"""

import gzip
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.fetch.provider import Provider, hurried_data
from tests.properties.processes import Commands, kill

State = dict[str, bytes]
"""The files of a folder by name."""
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)
CODES = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGKILL: -9}
HEAD = "REF_AREA,INDICATOR,SEX,TIME_PERIOD,OBS_VALUE,UNIT_MEASURE"
OLD, NEW = "old.csv.gz", "new.csv.gz"
NOTE = "an earlier run may have ended between"
BEFORE_WRITING, OPERATIONS = 0.7, 25
"""Half of the signals come at a random time, after a share of the duration in half of them; half at a random operation."""


@dataclass(frozen=True)
class Job:
    """A command whose words are filled with the input; it writes files into the folder `out`."""

    name: str
    words: tuple[str, ...]
    code: int = 0
    pair: bool = False


JOBS = (
    Job("compute", ("compute", "{}", "--out", "out"), pair=True),
    Job("validate --format xlsx", ("validate", "{}", "--format", "xlsx", "--out", "out/report.xlsx"), 1),
    Job("validate --format html", ("validate", "{}", "--format", "html", "--out", "out/report.html"), 1),
    Job("read --to csv", ("read", "{}", "--to", "csv", "--out", "out/figures.csv"), pair=True),
    Job("read --to parquet", ("read", "{}", "--to", "parquet", "--out", "out/figures.parquet")),
)


def figures(shift: int) -> bytes:
    """Some rows; the last total is not between its parts, which is a finding."""
    rows = [
        f"{area},internet_use,{sex},{year},{40 + shift + 3 * n + year % 7 + 20 * ((area, sex, year) == ('RWA', '_T', 2022))},PT"
        for n, area in enumerate(("KEN", "UGA", "TZA", "RWA"))
        for sex in ("F", "M", "_T")
        for year in (2020, 2021, 2022)
    ]
    return gzip.compress("\n".join([HEAD, *rows, ""]).encode(), mtime=0)


def state(folder: Path) -> State:
    """The files below the folder."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def temporary(found: State) -> set[str]:
    """The names that only temporary files have."""
    return {name for name in found if ".divide-" in name}


@dataclass
class Bench:
    """Runs jobs in a folder of their own, and counts what came of them."""

    place: Path
    commands: Commands
    chance: random.Random
    counts: Counter[str] = field(default_factory=Counter)

    def run(self, folder: Path, words: tuple[str, ...], **how: object) -> int:
        """Starts the command with its own folder of temporary files; spools are files, as for large inputs."""
        where = {"out": folder / "printed", "err": folder / f"told{how.get('number', '')}"}
        how.pop("number", None)
        return self.commands.start(folder, *words, **where, spools=True, TMPDIR=str(folder / "tmp"), **how)

    def fresh(self, old: State) -> Path:
        """A folder with the inputs and with an earlier output."""
        folder = Path(tempfile.mkdtemp(dir=self.place))
        (folder / "tmp").mkdir()
        for shift, name in enumerate((OLD, NEW)):
            (folder / name).write_bytes(figures(shift))
        for name, content in old.items():
            path = folder / "out" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return folder

    def moment(self, duration: float, how: int) -> dict[str, int]:
        """Waits for a random moment, or gives the operation before which the command is to get the signal."""
        if self.chance.random() < 0.5:
            return {"operation": self.chance.randint(1, OPERATIONS), "how": how}
        return {}

    def wait_and_kill(self, number: int, duration: float, how: int) -> None:
        """Kills the process at a random moment of its work, more often near the end, where it writes."""
        first = BEFORE_WRITING if self.chance.random() < 0.5 else 0.0
        time.sleep(duration * self.chance.uniform(first, 1.05))
        kill(number, how)

    def ended(self, code: int, expected: int, how: int, told: str) -> bool:
        """Whether the signal ended the command; it ends with its own code otherwise, and never with a traceback."""
        assert "Traceback" not in told, (code, told)
        assert code in (expected, CODES[how], -how), (code, told)  # -how: before the command begins
        self.counts[f"{signal.Signals(how).name}: {'ended' if code != expected else 'too late'}"] += 1
        return code != expected


def check_files(folder: Path, old: State, new: State, how: int, pair: bool) -> bool:
    """Old or new everywhere, nothing temporary but after SIGKILL; whether a pair is mixed, as only SIGKILL may leave it."""
    found = state(folder / "out")
    left = temporary(found) | {f"tmp/{name}" for name in state(folder / "tmp")}
    assert how == signal.SIGKILL or not left, left
    assert how == signal.SIGKILL or not any((folder / "tmp").iterdir())
    files = {name: content for name, content in found.items() if name not in left}
    assert set(files) <= set(old) | set(new), files.keys()
    for name in set(old) | set(new):
        assert files.get(name) in (old.get(name), new.get(name)), f"{name} is neither old nor new"
    mixed = files not in (old, new)
    assert not mixed or (how == signal.SIGKILL and pair), "a mixture"
    return mixed


def kill_one(bench: Bench, job: Job, states: tuple[State, State], duration: float) -> None:
    """Kills a command that replaces earlier files, or writes the first; then runs it again."""
    how = bench.chance.choice(SIGNALS)
    old, new = states if bench.chance.random() < 0.7 else ({}, states[1])
    folder = bench.fresh(old)
    words = tuple(word.format(NEW) for word in job.words)
    moment = bench.moment(duration, how)
    number = bench.run(folder, words, **moment)
    if not moment:
        bench.wait_and_kill(number, duration, how)
    code = bench.commands.wait(number)
    bench.ended(code, job.code, how, (folder / "told").read_text())
    mixed = check_files(folder, old, new, how, job.pair)
    bench.counts["mixed pairs after SIGKILL"] += mixed
    bench.counts["temporary files after SIGKILL"] += bool(
        temporary(state(folder / "out")) or any((folder / "tmp").iterdir())
    )
    assert bench.commands.wait(bench.run(folder, words)) == job.code
    assert state(folder / "out") == new and not any((folder / "tmp").iterdir()), "the next run left something"
    assert (NOTE in (folder / "told").read_text()) == mixed
    shutil.rmtree(folder)


def two_writers(bench: Bench, job: Job, states: tuple[State, State], duration: float) -> None:
    """Two commands write to the same files at once, and one of them is killed, or none."""
    how = bench.chance.choice(SIGNALS)
    folder = bench.fresh(states[0])
    numbers = [
        bench.run(folder, tuple(word.format(name) for word in job.words), number=place)
        for place, name in enumerate((OLD, NEW))
    ]
    victim = bench.chance.randrange(2)
    bench.wait_and_kill(numbers[victim], 1.5 * duration, how)
    codes = [bench.commands.wait(number) for number in numbers]
    for place, code in enumerate(codes):
        told = (folder / f"told{place}").read_text()
        if place == victim:
            bench.ended(code, job.code, how, told)
        else:
            assert code == job.code and "Traceback" not in told, told
    mixed = check_files(folder, *states, how, job.pair)
    words = tuple(word.format(NEW) for word in job.words)
    assert bench.commands.wait(bench.run(folder, words)) == job.code
    assert state(folder / "out") == states[1] and not any((folder / "tmp").iterdir())
    bench.counts["two writers"] += 1
    bench.counts["mixed pairs after SIGKILL"] += mixed
    shutil.rmtree(folder)


def kill_fetch(bench: Bench, provider: Provider, states: tuple[State, State], duration: float) -> None:
    """Kills a download that replaces an edition; the next run goes on with what is complete."""
    how = bench.chance.choice(SIGNALS)
    folder = bench.fresh(states[0])
    provider.shift = 1.0
    words = fetch_words(provider)
    moment = bench.moment(duration, how)
    number = bench.run(folder, words, **moment)
    if not moment:
        bench.wait_and_kill(number, duration, how)
    code = bench.commands.wait(number)
    bench.ended(code, 0, how, (folder / "told").read_text())
    found = state(folder / "out")
    assert how == signal.SIGKILL or not temporary(found), temporary(found)
    editions = {name: content for name, content in found.items() if not name.startswith(".") and "/." not in name}
    assert how == signal.SIGKILL or not any("/." in name for name in found if not name.startswith("."))
    whole = editions in states
    if not whole:  # killed between two renamings of folders: the whole edition is the hidden one, which is found too
        aside = {name[1:].replace(".old/", "/"): content for name, content in found.items() if ".old/" in name}
        assert aside == states[0] and not editions and how == signal.SIGKILL, editions.keys()
    assert bench.commands.wait(bench.run(folder, words)) == 0
    assert state(folder / "out") == states[1], "the next run left something"
    shutil.rmtree(folder)


def fetch_words(provider: Provider) -> tuple[str, ...]:
    return ("fetch", "coverage_4g", "--to", "out", "--base-url", provider.url)


@contextmanager
def serving() -> Iterator[Provider]:
    """The provider on this machine."""
    provider = Provider()
    threading.Thread(target=provider.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield provider
    provider.shutdown()
    provider.server_close()


def explore(kills: int, seed: int) -> Counter[str]:
    """Kills so many commands; what came of them, by signal."""
    with tempfile.TemporaryDirectory() as place, serving() as provider:
        data = hurried_data(Path(place, "data"))
        proxies = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"))
        with Commands({"DIVIDE_DATA": str(data), **proxies}) as commands:
            bench = Bench(Path(place), commands, random.Random(seed))
            files = {job: reference(bench, job.words, job.code) for job in JOBS}
            editions = reference(bench, fetch_words(provider), 0, provider)
            for count in range(kills):
                job = JOBS[count % len(JOBS)]
                if count % 4 == 3:
                    kill_fetch(bench, provider, *editions)
                    bench.counts["fetch"] += 1
                elif count % 4 == 1:
                    two_writers(bench, job, *files[job])
                else:
                    kill_one(bench, job, *files[job])
                    bench.counts[job.name] += 1
                if (count + 1) % 50 == 0:
                    print(f"{count + 1} kills", file=sys.stderr, flush=True)
            return bench.counts


def reference(
    bench: Bench, words: tuple[str, ...], code: int, provider: Provider | None = None
) -> tuple[tuple[State, State], float]:
    """The files of the old and of the new input, and the duration of the command."""
    states = []
    for shift, name in enumerate((OLD, NEW)):
        if provider:
            provider.shift = float(shift)
        folder = bench.fresh({})
        begin = time.monotonic()
        assert bench.commands.wait(bench.run(folder, tuple(word.format(name) for word in words))) == code
        duration = time.monotonic() - begin
        states.append(state(folder / "out"))
        assert not any((folder / "tmp").iterdir())
    assert states[0] != states[1]
    return (states[0], states[1]), duration


if __name__ == "__main__":
    number, *rest = map(int, sys.argv[1:] or ["500"])
    for what, total in sorted(explore(number, *(rest or [1])).items()):
        print(f"{total:6,} {what}")
