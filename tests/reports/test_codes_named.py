"""A cell with an unknown code of a short codelist can be corrected from the page of findings alone."""

import pytest

from divide_cli import api, language
from divide_cli.catalogue.load import data_dir

ROWS = "REF_AREA,INDICATOR,TIME_PERIOD,SEX,OBS_VALUE\nKEN,internet_use,2020,W,41.0\nKEN,internet_use,2021,M,44.0\n"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("en", "a code of SEX: F (Female), M (Male), _T (Total), _Z (Not applicable)"),
        ("zh", "SEX的代码：F（女）、M（男）、_T（合计）、_Z（不适用）"),
    ],
)
def test_an_unknown_sex_names_the_codes(code, expected, tmp_path):
    """CL_SEX has four codes; their names in Chinese are those of UN statistics."""
    file = tmp_path / "file.csv"
    file.write_text(ROWS, encoding="utf-8")
    with language.speaking(code, data_dir()):
        report, _ = api.validate([str(file)])
        (finding,) = [one for one in report.findings if one.rule == "code_unknown"]
    assert finding.expected == expected


def test_a_long_codelist_is_not_listed(tmp_path):
    """CL_AREA has hundreds of codes: `divide list areas` lists them."""
    file = tmp_path / "file.csv"
    file.write_text(ROWS.replace("KEN,internet_use,2020,W", "KEM,internet_use,2020,F"), encoding="utf-8")
    report, _ = api.validate([str(file)])
    (finding,) = [one for one in report.findings if one.rule == "code_unknown"]
    assert finding.expected == "a code of REF_AREA"
