"""The entry point."""

import gc

from divide_cli.cli import run


def main() -> None:
    """Runs the command line."""
    try:
        run()
    finally:
        gc.freeze()  # what is left ends with the process: looking for garbage in it would cost a tenth of a second


if __name__ == "__main__":
    main()
