"""The entry point."""

import gc
import signal

from divide_cli.cli import run


def main() -> None:
    """Runs the command line."""
    try:
        run()
    finally:
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, signal.SIG_DFL)  # the work is done: an interruption has nothing to say
        gc.freeze()  # what is left ends with the process: looking for garbage in it would cost a tenth of a second


if __name__ == "__main__":
    main()
