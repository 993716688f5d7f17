"""What the user says of a file that the file does not say itself."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Choices:
    """Options of a reading. A `strict` one raises the first refusal; else refused rows are counted with their reason.

    `indicator` and `area` stand for what the file lacks; `dataflow` and `encoding` overrule the detection.

    A `submitted` file is read to be judged: values that break the rules of a frame stay in it (range, unit, key), and
    the frame says how each value is written (PRINTED, PADDED, CELL).
    """

    indicator: str = ""
    area: str = ""
    dataflow: str = ""
    encoding: str = ""
    strict: bool = True
    submitted: bool = False
