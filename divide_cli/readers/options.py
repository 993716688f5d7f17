"""What the user says of a file that the file does not say itself."""

from dataclasses import dataclass

from divide_cli.errors import OptionError

_LISTED = {"--area CODE": "areas` lists the ISO alpha-3 codes", "--indicator ID": "indicators` lists the ids"}


@dataclass(frozen=True)
class ReadOptions:
    """How a file is read. A `strict` reading raises the first refusal; else refused rows are counted with their reason.

    `indicator` and `area` stand for what the file lacks; `dataflow` and `encoding` overrule the detection. OptionError
    where no encoding has that name.

    A `submitted` file is read to be judged: values that break the rules of a frame stay in it (range, unit, key), and
    the frame says how each value is written (PRINTED, PADDED, CELL).
    """

    indicator: str = ""
    area: str = ""
    dataflow: str = ""
    encoding: str = ""
    strict: bool = True
    submitted: bool = False

    def __post_init__(self) -> None:
        """Refuses an encoding that no text can be decoded with, before a file is opened."""
        if not _decodes(self.encoding):
            raise OptionError("encoding_unknown", found=self.encoding, where="--encoding")

    def hint(self, option: str, path: str) -> str:
        """What to do about a file that does not say what the option (`--area CODE`) stands for.

        A strict reading belongs to a command whose option of that name selects figures, so the file is rewritten first.
        """
        listing = f"(`divide list {_LISTED[option]})"
        if self.strict:
            return f"first `divide read {path} {option} --out x.csv` {listing}, then this command on x.csv"
        return f"give {option} {listing}"


def _decodes(encoding: str) -> bool:
    """Whether texts can be decoded with it; without one it is detected."""
    try:
        b"a".decode(encoding or "utf-8")
    except LookupError:
        return False
    except UnicodeError:  # a letter of more bytes than one; or a name that is none
        return encoding.isascii()
    return True
