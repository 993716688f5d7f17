"""What reports made by hand are made of: rules, a finding, a waiver, the hostile texts that a file may hold."""

from divide_cli.validation.report import Described, Finding, Waiver

DESCRIBED = {
    rule.id: rule
    for rule in (
        Described(
            "range_by_unit",
            "A percentage lies between 0 and 100",
            "error",
            "A share of people cannot be less than nobody or more than all.",
            "Correct the value, or the unit if it is no percentage.",
            "SDMX CL_UNIT_MEASURE",
        ),
        Described(
            "total_within_parts",
            "A total lies between its parts",
            "warning",
            "A weighted mean lies between the values that it is the mean of.",
            "Compare the total and its parts with the survey's tables.",
        ),
        Described(
            "repeated_value", "A value is the same as the year before", "note", "", "Check that it was measured."
        ),
        Described("jump", "A value does not jump from one year to the next", "warning"),
        Described("small_sample", "A sample is large enough", "warning"),
        Described("keys_unique", "Each key stands once", "error"),
        Described("expired_waiver", "A waiver is in force", "warning", hint="Renew the waiver, or correct the value."),
    )
}

WAIVER = Waiver("confirmed by the office's letter", "A. Statistician", "2027-06-30")


def finding(rule: str = "range_by_unit", **given: object) -> Finding:
    described = DESCRIBED[rule]
    usual: dict[str, object] = {
        "severity": described.severity,
        "file": "data/submission 2024.csv",
        "line": 5,
        "column": "Value",
        "key": {
            "REF_AREA": "ALB", "INDICATOR": "internet_use", "SEX": "F", "AGE": "Y15T24", "URBANISATION": "_T",
            "TIME_PERIOD": 2023,
        },
        "expected": "0 to 100",
        "found": "170.2",
        "message": "170.2 is more than 100 %",
        "hint": described.hint,
    }  # fmt: skip
    return Finding(rule, **{**usual, **given})


TEXTS = {
    "ansi": "\x1b[2J\x1b[31mred\x1b]0;title\x07",
    "c0": "a\x00b\x08\x0c\x7f",
    "c1": "\x9b31m\x85next",
    "breaks": "one\ntwo\r\nthree\u2028four",
    "tab": "\tcell",
    "bidi": "user\u202egnp.exe \u2066isolated\u2069",
    "no width": "pass\u200bword\ufeff",
    "tags": "a\U000e0041\U000e0042b",
    "no text": "half \ud800 and \ufffe \uffff",
    "rich": "[bold red]shout[/] [link=https://evil.example]x[/link] :warning:",
    "html": "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&amp;",
    "style": "</style></textarea><!-- -->]]>",
    "markdown": "a | b | [click](https://evil.example) ![x](https://evil.example/x.png) `code` **b** @everyone https://evil.example",
    "command": "::set-output name=x::pwned",
    "wrapped command": "word " * 12 + "::error file=x.py,line=1::pwned " + "##[add-mask]secret",
    "percent": "100%0A::error::pwned%25",
    "formula": "=cmd|' /C calc'!A0",
    "plus": "+1+1",
    "minus": "-2+3+cmd|' /C calc'!A0",
    "at": "@SUM(1+1)",
    "braces": "{0} {name} {{x}}",
    "long": "x" * 10_000_000,
}
