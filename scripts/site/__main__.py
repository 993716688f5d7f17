"""Builds the documentation site: `python -m scripts.site [--check]`.

The site is build/documentation/site; its front page can be opened from there, and it needs no server. The exit code is
1 if the generator warns, if a link leads nowhere, or if a page would load anything from elsewhere. `--check` says
nothing of the place.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from scripts.site import BUILD, HERE, checks, pages

_COLOURS = re.compile(r"\x1b\[[\d;]*m")


def build(folder: Path = BUILD) -> list[str]:
    """Writes the pages and builds the site in a folder. Returns what is wrong."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(folder / "site", ignore_errors=True)
    shutil.copyfile(HERE / "zensical.toml", folder / "zensical.toml")
    shutil.copytree(HERE / "theme", folder / "theme", dirs_exist_ok=True)
    pages.write(folder / "pages")
    run = subprocess.run(
        [sys.executable, "-m", "zensical", "build", "--clean", "--strict"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode:
        return [_COLOURS.sub("", run.stdout + run.stderr)]
    (folder / "site" / "404.html").unlink()  # it has addresses of the root of a server, and the site may be in a folder
    return checks.problems(folder / "site")


def main(arguments: list[str]) -> int:
    """Builds the site and reports what is wrong."""
    problems = build()
    print("\n".join(problems), file=sys.stderr, end="\n" if problems else "")
    if not problems and "--check" not in arguments:
        print(BUILD / "site" / "index.html")
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
