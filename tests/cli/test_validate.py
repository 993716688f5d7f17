"""`divide validate`: exit codes, forms, options, and how it fails."""

import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

HEADER = "REF_AREA,INDICATOR,SEX,TIME_PERIOD,OBS_VALUE\n"
SOUND = [f"KEN,internet_use,{sex},{year},{value}" for sex, year, value in (
    ("_T", 2019, 31.5), ("F", 2019, 29.8), ("M", 2019, 33.2), ("_T", 2020, 34.0), ("F", 2020, 32.3), ("M", 2020, 35.7),
)]  # fmt: skip
KEYS = {
    *("rule", "severity", "file", "line", "column", "key", "expected", "found", "message", "hint", "waived"),
    *("lines", "context", "waiver"),
}


def written(folder: Path, rows: list[str], name: str = "figures.csv") -> str:
    (folder / name).write_text(HEADER + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    return name


@pytest.fixture
def sound(tmp_path):
    return written(tmp_path, SOUND)


@pytest.fixture
def faulty(tmp_path):
    """On line 8 a share above 100 (an error), on line 3 a jump of 27 points to line 9 (a warning)."""
    return written(tmp_path, [*SOUND, "KEN,internet_use,_T,2021,340", "KEN,internet_use,_T,2022,94.0"])


def as_json(finished):
    return json.loads(finished.stdout)


@pytest.mark.parametrize("command", ["validate", "read"])
@pytest.mark.parametrize("encoding", ["utf-99", "hex", "коі8"])
def test_an_unknown_encoding_is_a_wrong_option_before_a_file_is_opened(divide, command, encoding):
    finished = divide(command, "--encoding", encoding, "no_such_file.csv")
    assert (finished.returncode, finished.stdout) == (2, "")
    assert "the encoding is unknown" in finished.stderr and "where: --encoding" in finished.stderr


def test_one_is_not_many(divide, tmp_path):
    path = written(tmp_path, ["KEN,internet_use,_T,2019,31.5", "KEN"])
    shown = divide("validate", path, "--only", "row_ragged", columns=200).stdout + divide("read", path).stdout
    assert "1 cell: KEN" in shown and "1 cells" not in shown and "1 rows" not in shown


def test_the_summary_does_not_break_ids(divide):
    path = Path(__file__).parents[1] / "submissions" / "error_sexes_imply_impossible_share.csv"
    shown = divide("validate", str(path)).stdout
    assert " error     sexes_imply_impossible_share " in shown[shown.index("Summary") :]


@pytest.mark.parametrize(("fail_on", "code"), [("error", 0), ("warning", 1)])
def test_junit_fails_where_the_exit_code_does(divide, tmp_path, fail_on, code):
    path = written(tmp_path, [*SOUND, "KEN,internet_use,_T,2021,94.0"])
    made = divide("validate", path, "--format", "junit", "--fail-on", fail_on)
    root = ElementTree.fromstring(made.stdout)
    assert (made.returncode, int(root.get("failures")) > 0) == (code, bool(code)), made.stdout
    assert "warning: line 8" in made.stdout


def test_a_sound_file_is_fine(divide, sound):
    finished = divide("validate", sound, "--format", "json")
    assert finished.returncode == 0, finished.stderr
    report = as_json(finished)
    assert report["findings"] == []
    assert report["summary"] == []
    assert [(entry["path"], entry["rows"], entry["used"]) for entry in report["inputs"]] == [("figures.csv", 6, 6)]
    assert "no findings" in finished.stderr


def test_a_finding_has_all_that_the_reader_needs(divide, faulty):
    finished = divide("validate", faulty, "--format", "json")
    assert finished.returncode == 1
    (error,) = [one for one in as_json(finished)["findings"] if one["severity"] == "error"]
    assert set(error) >= KEYS
    assert (error["rule"], error["file"], error["line"], error["column"]) == (
        "value_out_of_range",
        "figures.csv",
        8,
        "OBS_VALUE",
    )
    assert error["key"] == {
        "REF_AREA": "KEN", "INDICATOR": "internet_use", "SEX": "_T", "AGE": "_T", "URBANISATION": "_T",
        "TIME_PERIOD": 2021,
    }  # fmt: skip
    assert (error["found"], error["waived"]) == ("340", False)
    assert error["expected"].startswith("0 to 100; the neighbouring years suggest about ")
    assert error["context"] == [2, 5, 9]
    assert error["message"] and error["hint"]


def test_the_summary_counts_what_is_not_listed(divide, tmp_path):
    rows = [
        f"KEN,internet_use,_T,{year},{value}" for year, value in zip(range(1901, 2051), range(101, 251), strict=True)
    ]
    finished = divide("validate", written(tmp_path, rows), "--format", "json", "--limit", "7")
    report = as_json(finished)
    assert [row for row in report["summary"] if row["rule"] == "value_out_of_range"][0]["count"] == 150
    assert len([one for one in report["findings"] if one["rule"] == "value_out_of_range"]) == 7
    assert report["limit"] == 7
    shown = divide("validate", "figures.csv", "--limit", "7").stdout
    assert "143 more" in " ".join(shown.split())
    everything = as_json(divide("validate", "figures.csv", "--format", "json", "--limit", "0"))
    assert len([one for one in everything["findings"] if one["rule"] == "value_out_of_range"]) == 150


@pytest.mark.parametrize(("fail_on", "code"), [("error", 0), ("warning", 1), ("note", 1)])
def test_fail_on_decides_the_exit_code(divide, tmp_path, fail_on, code):
    file = written(tmp_path, [*SOUND, "KEN,internet_use,_T,2021,61.0"])
    finished = divide("validate", file, "--only", "jump", "--fail-on", fail_on)
    assert finished.returncode == code, finished.stdout


def test_only_and_skip_say_why_rules_were_not_applied(divide, faulty):
    report = as_json(divide("validate", faulty, "--only", "jump", "--format", "json"))
    assert {row["rule"] for row in report["summary"]} <= {"jump"}
    skipped = {rule["id"]: rule["skipped"] for rule in report["rules"] if not rule["applied"]}
    assert skipped["value_out_of_range"] == "--only"
    report = as_json(divide("validate", faulty, "--skip", "value_out_of_range", "--format", "json"))
    assert "value_out_of_range" not in {row["rule"] for row in report["summary"]}


def test_a_baseline_accepts_what_is_found_now_and_nothing_new(divide, faulty, tmp_path):
    """After `--write-waivers`, the same file passes even on notes; one figure beyond the range more fails.

    The row of three cells has no key: its waiver names its line.
    """
    with (tmp_path / faulty).open("a", encoding="utf-8") as lines:
        lines.write("KEN,internet_use,_T\n")
    accept = ("--write-waivers", "accepted.yaml", "--owner", "A. Statistician", "--expires", "2999-12-31")
    first = divide("validate", faulty, *accept, "--fail-on", "note", "--format", "json")
    assert first.returncode == 0, first.stderr
    assert "wrote accepted.yaml" in first.stderr
    assert as_json(first)["findings"] and all(one["waived"] for one in as_json(first)["findings"])
    again = divide("validate", faulty, "--waivers", "accepted.yaml", "--fail-on", "note", "--format", "json")
    assert again.returncode == 0, again.stdout
    found = {(one["rule"], one["line"]) for one in as_json(again)["findings"]}
    assert found == {(one["rule"], one["line"]) for one in as_json(first)["findings"]}
    with (tmp_path / faulty).open("a", encoding="utf-8") as lines:
        lines.write("KEN,internet_use,_T,2018,250\n")
    worse = divide("validate", faulty, "--waivers", "accepted.yaml", "--format", "json")
    assert worse.returncode == 1
    assert [one["rule"] for one in as_json(worse)["findings"] if not one["waived"] and one["severity"] == "error"] == [
        "value_out_of_range"
    ]


def test_a_baseline_is_not_written_over_a_file(divide, faulty, tmp_path):
    (tmp_path / "accepted.yaml").write_text("[]\n", encoding="utf-8")
    accept = ("--write-waivers", "accepted.yaml", "--owner", "A. Statistician", "--expires", "2999-12-31")
    finished = divide("validate", faulty, *accept)
    assert finished.returncode == 2
    assert "the file already exists" in finished.stderr
    assert (tmp_path / "accepted.yaml").read_text(encoding="utf-8") == "[]\n"


def test_an_unknown_rule_names_the_nearest(divide, sound):
    finished = divide("validate", sound, "--only", "value_out_of_rnge")
    assert finished.returncode == 2
    assert "value_out_of_range" in finished.stderr
    assert finished.stdout == ""


def test_waivers_accept_with_reason_owner_and_end(divide, faulty, tmp_path):
    waiver = """
- rule: value_out_of_range
  key: {REF_AREA: KEN, TIME_PERIOD: 2021}
  reason: the office confirmed it
  owner: A. Statistician
  expires: 2999-12-31
- rule: value_out_of_range
  key: {REF_AREA: UGA}
  reason: no longer needed
  owner: A. Statistician
  expires: 2999-12-31
- rule: duplicate_key
  key: {REF_AREA: KEN}
  reason: to be mended
  owner: A. Statistician
  expires: 2020-01-01
"""
    (tmp_path / "waivers.yaml").write_text(waiver, encoding="utf-8")
    finished = divide("validate", faulty, "--waivers", "waivers.yaml", "--format", "json")
    assert finished.returncode == 0, finished.stdout
    report = as_json(finished)
    (waived,) = [one for one in report["findings"] if one["waived"]]
    assert waived["line"] == 8
    assert waived["waiver"] == {
        "reason": "the office confirmed it",
        "owner": "A. Statistician",
        "expires": "2999-12-31",
    }
    counts = {row["rule"]: (row["count"], row["waived"]) for row in report["summary"]}
    assert counts["value_out_of_range"] == (1, 1)
    assert counts["waiver_unused"] == (1, 0)
    assert counts["waiver_expired"] == (1, 0)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("- {rule: jump}\n", "the waiver does not have the right keys"),
        ("rule: jump\n", "the waivers file does not have the right structure"),
        ("- [1\n", "the waivers file cannot be read"),
        ("- {rule: jmp, key: {}, reason: a, owner: b, expires: 2030-01-01}\n", "the waiver names an unknown rule"),
        ("- {rule: jump, key: {}, reason: a, owner: b, expires: soon}\n", "the waiver has no valid end date"),
    ],
)
def test_wrong_waivers_are_one_message(divide, sound, tmp_path, content, said):
    (tmp_path / "waivers.yaml").write_text(content, encoding="utf-8")
    finished = divide("validate", sound, "--waivers", "waivers.yaml")
    assert finished.returncode in (2, 3)
    assert said in finished.stderr
    assert "Traceback" not in finished.stderr


def test_rules_of_ones_own(divide, sound, tmp_path):
    own = """
my_ceiling:
  name: A value above what our survey can give
  kind: out_of_range
  severity: error
  message: '{key}: {found}'
  hint: Ask the survey unit.
  reason: our survey reaches no more
  source: our own
  scope: {indicators: [population]}
jump:
  name: A jump of more than two points
  kind: jump
  severity: error
  message: '{key}: {found} after {expected}'
  hint: Confirm.
  reason: stricter here
  source: our own
  parameters: {of: one, many: 4, share: 0.5}
  tolerance: 2
"""
    (tmp_path / "own.yaml").write_text(own, encoding="utf-8")
    finished = divide("validate", sound, "--rules", "own.yaml", "--format", "json")
    assert finished.returncode == 1
    report = as_json(finished)
    assert {one["rule"] for one in report["findings"]} == {"jump"}
    assert {one["severity"] for one in report["findings"]} == {"error"}
    assert "my_ceiling" in {rule["id"] for rule in report["rules"]}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("x: {name: A}\n", "the keys of the entry are wrong"),
        ("- a\n", "the rules file does not have the right structure"),
        (
            "x: {name: A, kind: nope, severity: error, message: m, hint: h, reason: r, source: s}\n",
            "the kind of the rule is unknown",
        ),
        (
            "x: {name: A, kind: jump, severity: grave, message: m, hint: h, reason: r, source: s}\n",
            "the severity is unknown",
        ),
        (
            "x: {name: A, kind: spike, severity: error, message: '{nope}', hint: h, reason: r, source: s}\n",
            "the rule has a wrong value for `message`",
        ),
        (
            "x: {name: A, kind: jump, severity: error, message: m, hint: h, reason: r, source: s}\n",
            "the rule has a wrong value for `parameters`",
        ),
    ],
)
def test_wrong_rules_are_one_message(divide, sound, tmp_path, content, said):
    (tmp_path / "own.yaml").write_text(content, encoding="utf-8")
    finished = divide("validate", sound, "--rules", "own.yaml")
    assert finished.returncode == 3, finished.stdout
    assert said in finished.stderr
    assert "Traceback" not in finished.stderr
    assert finished.stdout == ""


def test_an_earlier_submission_is_compared_key_by_key(divide, tmp_path):
    before = written(tmp_path, [*SOUND, "KEN,internet_use,_T,2018,30.0"], "before.csv")
    changed = [row.replace("2020,34.0", "2020,34.4").replace("F,2020,32.3", "F,2020,28.3") for row in SOUND]
    now = written(tmp_path, [*changed, "KEN,internet_use,_T,2021,36.0"])
    report = as_json(divide("validate", now, "--previous", before, "--format", "json"))
    found = {one["rule"]: one for one in report["findings"] if one["rule"].startswith("value_")}
    assert (found["value_revised"]["expected"], found["value_revised"]["found"]) == ("34", "34.4")
    assert found["value_revised"]["line"] == 5
    assert "-4" in found["value_revised_much"]["message"]
    assert found["value_withdrawn"]["file"] == "before.csv"
    assert (found["value_added"]["line"], found["value_added"]["found"]) == (8, "36")


PUBLISHED = ("published_shifted", "published_elsewhere", "far_from_published", "differs_from_published")


def compared(report, rule="far_from_published"):
    """Checks made, checks not made by reason, and why the rule was skipped."""
    (entry,) = [one for one in report["rules"] if one["id"] == rule]
    return entry["checked"], entry["not_checked"], entry["skipped"]


def test_figures_are_compared_with_what_editions_have(divide, tmp_path):
    """Moldova 2013 is 37.44 in both editions of the World Bank, and in no other; women have a figure in none."""
    rows = ["MDA,internet_use,_T,2011,38", "MDA,internet_use,_T,2012,43.4", "MDA,internet_use,_T,2013,60"]
    rows += ["MDA,internet_use,F,2013,58", "MDA,coverage_4g,_T,2013,33.1"]
    file = written(tmp_path, rows)
    report = as_json(divide("validate", file, "--format", "json"))
    assert compared(report) == (
        3,
        {
            "no edition here has figures of this indicator from countries": 1,
            "no edition has a figure with this key": 1,
        },
        None,
    )
    (found,) = [one for one in report["findings"] if one["rule"] == "far_from_published"]
    assert (found["severity"], found["line"], found["found"], found["expected"]) == ("warning", 4, "60", "37.44 (wdi_2026_08)")  # fmt: skip
    older = as_json(divide("validate", file, "--against", "wdi_2025_10", "--format", "json"))
    (found,) = [one for one in older["findings"] if one["rule"] == "far_from_published"]
    assert found["expected"] == "37.44 (wdi_2025_10)"
    other = as_json(divide("validate", file, "--against", "unsd_sdg_2021", "--against", "wdi_by_sex_2019_2023", "--format", "json"))  # fmt: skip
    assert compared(other)[0] == 0


def test_an_edition_of_ones_own_counts_only_if_it_is_named(divide, tmp_path):
    """Found in $DIVIDE_EDITIONS and damaged: a run that does not name it neither uses it nor stops."""
    mine = tmp_path / "editions" / "mine"
    mine.mkdir(parents=True)
    (mine / "origin.yaml").write_text(
        "id: mine\ntitle: Mine\nproducer: me\nurl: none\naccessed: 2026-01-01\nvintage: 2026-12-31\nrole: country\n"
        "licence: {id: CC0-1.0, name: none}\ncitation: me\nindicators: [internet_use]\n",
        encoding="utf-8",
    )
    file, folder = written(tmp_path, ["MDA,internet_use,_T,2013,37.4"]), str(tmp_path / "editions")
    assert divide("validate", file, DIVIDE_EDITIONS=folder).returncode == 0
    named = divide("validate", file, "--against", "mine", DIVIDE_EDITIONS=folder)
    assert named.returncode == 3
    assert "the edition contains no file of figures" in named.stderr


def test_against_none_skips_the_rules_on_published_figures(divide, tmp_path):
    file = written(tmp_path, ["MDA,internet_use,_T,2013,60", "KEN,internet_use,_T,2013,20.5"])
    report = as_json(divide("validate", file, "--against", "none", "--format", "json"))
    assert [compared(report, rule) for rule in PUBLISHED] == [(0, {}, "--against none")] * 4


@pytest.mark.parametrize("named", [["wdi_2026_80"], ["none", "wdi_2026_08"]])
def test_an_unknown_edition_to_compare_with_is_refused_with_the_list(divide, sound, named):
    finished = divide("validate", sound, *(word for name in named for word in ("--against", name)))
    assert (finished.returncode, finished.stdout) == (2, "")
    assert "wdi_2026_08" in finished.stderr and named[0] in finished.stderr


def test_a_file_of_published_figures_is_not_far_from_them(divide, tmp_path):
    from divide_cli.catalogue import data_dir

    for edition in ("wdi_2026_08", "wdi_2025_10", "wdi_by_sex_2019_2023", "unsd_sdg_2021"):
        file = str(data_dir() / "sources" / edition / "observations.csv")
        only = [word for rule in PUBLISHED for word in ("--only", rule)]
        report = as_json(divide("validate", file, *only, "--format", "json"))
        assert report["findings"] == [] and compared(report)[0] > 700


@pytest.mark.parametrize("command", ["validate", "read"])
def test_counts_under_the_number_of_shares_are_not_read_as_shares(command, divide, tmp_path):
    """Table 4-4-1 of a region is no SDG 4.4.1: not one figure is used, unless the user names the indicator."""
    rows = [f"{2016 + at},Pflege,{value}" for at, value in enumerate((840, 912, 77, 1003, 1250))]
    name = "indicator_4-4-1.csv"
    (tmp_path / name).write_text("\n".join(["Year,Beruf,Value", *rows, ""]), encoding="utf-8")
    finished = divide(command, name, "--area", "DEU")
    assert finished.returncode == 3
    assert "although SDG 4.4.1 in the file name stands for shares" in finished.stderr
    assert "5 whole numbers, 4 of them above 100, up to 1,250" in finished.stderr
    named = divide(command, name, "--area", "DEU", "--indicator", "ict_skills_national")
    assert "stands for shares" not in named.stderr + named.stdout


def test_an_earlier_submission_of_something_else_is_refused(divide, sound, tmp_path):
    other = written(tmp_path, ["UGA,mobile_ownership,_T,2020,50"], "other.csv")
    finished = divide("validate", sound, "--previous", other)
    assert finished.returncode == 3
    assert "the earlier submission contains other figures" in finished.stderr


def test_a_file_that_cannot_be_read_is_a_finding_and_exit_code_3(divide, sound, tmp_path):
    (tmp_path / "bad.csv").write_text('REF_AREA,INDICATOR,TIME_PERIOD,OBS_VALUE\nKEN,"internet_use,2020,1\n', "utf-8")
    finished = divide("validate", sound, "bad.csv", "missing.csv", "--format", "json")
    assert finished.returncode == 3
    report = as_json(finished)
    assert [one["rule"] for one in report["findings"]] == ["file_unreadable", "file_unreadable"]
    assert [one["line"] for one in report["findings"]] == [2, None]
    assert [bool(entry["error"]) for entry in report["inputs"]] == [False, True, True]
    assert "quotation marks do not match" in finished.stderr


def test_a_run_that_checks_nothing_is_no_success(divide, tmp_path):
    file = written(tmp_path, ["KEN,internet_use,_T,2020,many"])
    finished = divide("validate", file, "--fail-on", "error", "--skip", "value_not_a_number")
    assert finished.returncode == 1
    assert "proves nothing" in finished.stderr
    (tmp_path / "empty.csv").write_text(HEADER, encoding="utf-8")
    assert divide("validate", "empty.csv").returncode == 3


@pytest.mark.parametrize("form", ["table", "json", "sarif", "junit", "github", "markdown", "html"])
def test_every_form_names_line_and_rule_on_stdout_and_in_a_file(divide, faulty, tmp_path, form):
    finished = divide("validate", faulty, "--format", form)
    assert finished.returncode == 1
    assert "340" in finished.stdout
    assert "Traceback" not in finished.stderr
    divide("validate", faulty, "--format", form, "--out", "report")
    made = (tmp_path / "report").read_text(encoding="utf-8")
    assert "340" in made
    if form in ("json", "sarif"):
        json.loads(made)
    if form == "junit":
        ElementTree.fromstring(made)
    if form != "table":
        assert made == finished.stdout


def test_the_page_shows_the_rows_of_a_file_and_of_standard_input_none(divide, faulty, tmp_path):
    assert "<mark><bdi>340</bdi></mark>" in divide("validate", faulty, "--format", "html").stdout
    lines = (tmp_path / faulty).read_bytes()
    piped = divide("validate", "-", "--format", "html", given=lines).stdout
    assert "340" in piped and "<mark>" not in piped


def test_the_same_run_gives_the_same_bytes(divide, faulty):
    for form in ("json", "sarif", "junit", "html"):
        runs = {divide("validate", faulty, "--format", form).stdout for _ in range(2)}
        assert len(runs) == 1, form


def test_annotations_come_with_a_step_summary(divide, faulty, tmp_path):
    finished = divide("validate", faulty, "--format", "github", GITHUB_STEP_SUMMARY=str(tmp_path / "summary.md"))
    assert "::error file=figures.csv,line=8" in finished.stdout
    assert "value\\_out\\_of\\_range" in (tmp_path / "summary.md").read_text(encoding="utf-8")


def test_a_step_summary_that_cannot_be_written_is_one_message(divide, faulty, tmp_path):
    finished = divide("validate", faulty, "--format", "github", GITHUB_STEP_SUMMARY=str(tmp_path))
    assert finished.returncode == 3 and "Traceback" not in finished.stderr
    assert "the step summary cannot be written" in finished.stderr and "::error file=figures.csv" in finished.stdout


def test_a_workbook_needs_a_file(divide, faulty, tmp_path):
    finished = divide("validate", faulty, "--format", "xlsx")
    assert finished.returncode == 2
    assert "--out" in finished.stderr
    finished = divide("validate", faulty, "--format", "xlsx", "--out", "report.xlsx")
    assert finished.returncode == 1
    assert (tmp_path / "report.xlsx").read_bytes()[:2] == b"PK"


def test_a_report_that_cannot_be_written_leaves_nothing_behind(divide, faulty, tmp_path):
    (tmp_path / "folder").mkdir()
    finished = divide("validate", faulty, "--format", "json", "--out", "folder")
    assert finished.returncode == 3
    assert finished.stdout == ""
    assert list((tmp_path / "folder").iterdir()) == []


def test_standard_input(divide, tmp_path):
    given = (HEADER + "KEN,internet_use,_T,2020,340\n").encode()
    finished = divide("validate", "-", "--format", "json", given=given)
    assert finished.returncode == 1
    assert as_json(finished)["findings"][0]["line"] == 2


@pytest.mark.parametrize("columns", [80, 200])
def test_the_table_keeps_within_the_terminal(divide, faulty, columns):
    shown = divide("validate", faulty, columns=columns).stdout
    assert max(map(len, shown.splitlines())) <= columns
    assert "value_out_of_range" in shown
