"""`divide rules`: the list, the YAML that --rules takes, and the VTL that another engine runs alike."""

import csv
import io
import re

import pytest
from msgspec import structs

from divide_cli import concepts as v
from divide_cli.catalogue import catalogue
from divide_cli.catalogue.user_yaml import rules_from
from divide_cli.reports.validation import rules_as_yaml
from divide_cli.validation.rules import as_vtl
from divide_cli.validation.run import ValidationRequest, validate

COLUMNS = ("LINE", "REF_AREA", "INDICATOR", "SEX", "AGE", "URBANISATION", "TIME_PERIOD", "OBS_VALUE", "UNIT_MEASURE",
           "OBS_STATUS", *v.QUANTITIES)  # fmt: skip
KEY = COLUMNS[1:7]


def rules():
    return tuple(catalogue().rules.values())


def test_the_table_lists_every_rule_in_order(divide):
    made = divide("rules", columns=200)
    assert made.returncode == 0
    shown = re.findall(r"^ (?:error|warning|note) +(\S+)", made.stdout, flags=re.MULTILINE)
    assert shown == list(catalogue().rules)
    assert (
        "1 rule\n" in divide("rules", "--only", "spike").stdout and divide("rules", "--only", "spikes").returncode == 2
    )


@pytest.mark.parametrize("columns", [80, 120, 200])
def test_ids_are_not_broken(divide, columns):
    shown = divide("rules", columns=columns).stdout
    for rule in rules():
        assert re.search(rf"^ {rule.severity} +{rule.id} .* {rule.kind}\b", shown, flags=re.MULTILINE), rule.id
    assert max(map(len, shown.splitlines())) <= columns
    listed = divide("list", "rules", columns=columns).stdout.split()
    assert set(catalogue().rules) <= set(listed)


def test_the_yaml_is_what_rules_takes(divide, tmp_path):
    made = divide("rules", "--format", "yaml", "--out", "rules.yaml")
    assert (made.returncode, made.stdout) == (0, "")
    assert rules_from(tmp_path / "rules.yaml") == dict(catalogue().rules)
    assert "&" not in re.sub(r"'[^']*'", "", rules_as_yaml([catalogue().rules["total_outside_sexes"]]))
    assert divide("rules", "--rules", "rules.yaml", "--only", "spike").returncode == 0


def test_every_rule_is_said_in_vtl_or_why_not(divide):
    text = divide("rules", "--format", "vtl").stdout
    assert text == as_vtl(rules())
    said, unsaid = text.split("/* Rules that are not exported, and why: */")
    for rule in rules():
        exported = re.search(rf"^{rule.id}(_\d)? <- ", said, flags=re.MULTILINE) is not None
        assert exported != (f"/* {rule.id} (" in unsaid), rule.id
    assert len(re.findall(r" <- ", said)) >= 20
    assert text.count("/*") == text.count("*/")


def test_a_name_cannot_end_a_comment():

    evil = structs.replace(catalogue().rules["sample_too_small"], name="x */ evil <- DS_ROWS; /*")
    assert "*/ evil" not in as_vtl([evil])


def test_rules_are_written_whole_or_not_at_all(divide, tmp_path):
    assert divide("rules", "--out", ".").returncode == 3
    assert divide("rules", "--format", "vtl", "--out", "/dev/full").returncode == 3
    assert list(tmp_path.iterdir()) == []


def planted() -> list[dict[str, str]]:
    """Sound figures of three areas and six years, with one fault of each kind that both say."""
    made: list[dict[str, str]] = []

    def add(area, indicator, year, value, sex="_T", place="_T", **more):
        given = {"REF_AREA": area, "INDICATOR": indicator, "SEX": sex, "AGE": "_T", "URBANISATION": place}
        given |= {"TIME_PERIOD": str(year), "OBS_VALUE": value, "UNIT_MEASURE": "PT", "OBS_STATUS": "A"}
        made.append(dict.fromkeys(COLUMNS, "") | given | more)

    for area in ("KAZ", "UZB", "JAM"):
        for year in range(2015, 2021):
            base = 60 + 2 * (year - 2015)
            for sex, step in (("_T", 0.0), ("F", -1.2), ("M", 1.3)):
                add(area, "internet_use", year, f"{base + step + 0.1:.1f}", sex)
            for place, step in (("URB", 5.2), ("RUR", -6.1)):
                add(area, "internet_use", year, f"{base + step + 0.1:.1f}", place=place)
            for number, indicator in enumerate(("coverage_2g", "coverage_3g", "coverage_4g")):
                add(area, indicator, year, f"{99.1 - 3 * number:.1f}")
                add(area, indicator, year, f"{99.5 - 2 * number:.1f}", place="URB")

    def at(area, indicator, year, sex="_T", place="_T"):
        wanted = (area, indicator, str(year), sex, place)
        return next(row for row in made if (row["REF_AREA"], row["INDICATOR"], row["TIME_PERIOD"], row["SEX"], row["URBANISATION"]) == wanted)  # fmt: skip

    at("KAZ", "internet_use", 2015, "F")["OBS_VALUE"] = "160.3"  # out of range
    at("KAZ", "internet_use", 2016)["OBS_VALUE"] = "66.7"  # outside its sexes
    at("UZB", "internet_use", 2016)["OBS_VALUE"] = "63.7"  # just outside
    at("UZB", "coverage_3g", 2017)["OBS_VALUE"] = "99.7"  # above 2G
    at("UZB", "coverage_4g", 2018, place="URB")["OBS_VALUE"] = "90.3"  # behind the country
    at("JAM", "internet_use", 2016, "F")["OBS_VALUE"] = "30.1"  # women and men share the total out
    at("JAM", "internet_use", 2016, "M")["OBS_VALUE"] = "32.0"
    at("JAM", "internet_use", 2017)["UNIT_MEASURE"] = "PER_100_POP"
    at("JAM", "internet_use", 2018)["SAMPLE_SIZE"] = "12"
    at("JAM", "internet_use", 2019).update(NUMERATOR="500", DENOMINATOR="1000")
    at("JAM", "internet_use", 2020).update(SAMPLE_SIZE="1000", STD_ERR="20.5")
    at("KAZ", "internet_use", 2018).update(SAMPLE_SIZE="2000", STD_ERR="1.5", NUMERATOR="661", DENOMINATOR="1000")
    add("KAZ", "internet_use", 2020, "71.9")  # a second value of a key
    add("KAZ", "coverage_2g", 2020, "99.1")  # a row repeated
    add("KAZ", "internet_use", 2021, "50.0", "X")  # no code
    for number, row in enumerate(made, start=2):
        row["LINE"] = str(number)
    return made


def test_another_engine_finds_the_same_rows(tmp_path):
    vtlengine = pytest.importorskip("vtlengine", reason="an engine for VTL that the development environment lacks: pip install vtlengine")  # fmt: skip
    import pandas as pd

    rows = planted()
    path = tmp_path / "planted.csv"
    with path.open("w", newline="") as out:
        writer = csv.DictWriter(out, COLUMNS[1:], extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    report = validate(ValidationRequest((str(path),), rules(), limit=0))
    line = {int(row["LINE"]): row for row in rows}
    mine: dict[str, set[tuple[str, ...]]] = {}
    for finding in report.findings:
        mine.setdefault(finding.rule, set()).add(tuple(line[finding.line][name] for name in KEY))

    numbers = {"LINE": "Integer", "TIME_PERIOD": "Integer", **dict.fromkeys(("OBS_VALUE", *COLUMNS[10:]), "Number")}
    structure = [
        {"name": name, "type": numbers.get(name, "String"), "role": "Identifier" if name in ("LINE", *KEY) else "Measure", "nullable": name not in ("LINE", *KEY)}
        for name in COLUMNS
    ]  # fmt: skip
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    frame = pd.read_csv(io.StringIO(buffer.getvalue()), dtype=dict.fromkeys(("OBS_STATUS", "UNIT_MEASURE"), "string"))
    structures = {"datasets": [{"name": "DS_ROWS", "DataStructure": structure}]}
    made = vtlengine.run(as_vtl(rules()), structures, {"DS_ROWS": frame})

    theirs: dict[str, set[tuple[str, ...]]] = {}
    for name, result in made.items():
        rule = re.sub(r"_\d$", "", name)
        for record in result.data.to_dict("records"):
            theirs.setdefault(rule, set()).add(tuple(str(record.get(concept, "*")) for concept in KEY))
    assert set(theirs) == set(mine) & set(theirs) and len(theirs) >= 12, (sorted(theirs), sorted(mine))
    for rule, keys in theirs.items():
        # a check of several rows says the key that they share: the row to correct is one of them
        assert len(keys) == len(mine[rule]), (rule, keys, mine[rule])
        for key in mine[rule]:
            assert any(all(code in (told, "*") or told == "*" for code, told in zip(key, other, strict=True)) for other in keys), (rule, key, keys)  # fmt: skip
    exported = set(re.findall(r"^([a-z_0-9]+?)(?:_\d)? <- ", as_vtl(rules()), flags=re.MULTILINE))
    assert not (exported & set(mine)) - set(theirs), "found here, and not there"
