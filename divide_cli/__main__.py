"""The entry point. It answers `--version` before it imports anything else."""

import gc
import sys
from contextlib import suppress

from divide_cli import __version__


def main() -> None:
    """Runs the command line."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        with suppress(OSError):  # the full program below reports the error
            print(f"divide {__version__}", flush=True)
            return
    from divide_cli.cli import run

    try:
        run()
    finally:
        gc.freeze()  # what is left ends with the process: looking for garbage in it would cost a tenth of a second


if __name__ == "__main__":
    main()
