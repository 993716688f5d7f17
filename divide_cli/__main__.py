"""The entry point."""

import gc
import signal

from divide_cli.cli import run


def main() -> None:
    """Runs the command line. Before and after the command, which ends in order, an interruption ends the process."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # an exception would get lost in the clearing up of an object
    try:
        run()
    finally:
        gc.freeze()  # what is left ends with the process: looking for garbage in it would cost a tenth of a second


if __name__ == "__main__":
    main()
