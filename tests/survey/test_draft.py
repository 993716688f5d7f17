"""`--init`: a draft of the design from names and labels, valid as soon as its marked places are filled in."""

import json
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from jsonschema import Draft202012Validator

from divide_cli.catalogue.user_yaml import PlainLoader
from divide_cli.errors import DivideError
from divide_cli.survey import draft as draft_module
from divide_cli.survey import guesses
from divide_cli.survey.design import Design
from divide_cli.survey.design_file import read_design
from divide_cli.survey.draft import draft
from divide_cli.survey.microdata import open_microdata
from divide_cli.survey.variables import needed, prepare
from tests.runner import divide as run

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = Draft202012Validator(json.loads((ROOT / "schemas" / "yaml" / "design.json").read_text(encoding="utf-8")))
MARKED = {"name": "Test", "area": "TUN", "year": "2020"}

QUESTIONS = {
    "ar": ("الجنس", ("ذكر", "أنثى"), "العمر", "هل تستخدم الإنترنت? استخدام الإنترنت", ("نعم", "لا", "لا أعرف")),
    "en": ("Sex of respondent", ("Male", "Female"), "Age in years", "Q7. Do you use the Internet?", ("Yes", "No", "Don't know")),
    "es": ("Sexo", ("Hombre", "Mujer"), "Edad", "¿Usa Internet?", ("Sí", "No", "No sabe")),
    "fr": ("Sexe", ("Masculin", "Féminin"), "Âge", "Utilisez-vous Internet ?", ("Oui", "Non", "Ne sait pas")),
    "pt": ("Sexo", ("Homem", "Mulher"), "Idade", "Usa a Internet?", ("Sim", "Não", "Não sabe")),
    "ru": ("Пол", ("Мужчины", "Женщины"), "Возраст", "Используете ли вы интернет?", ("Да", "Нет", "Отказ от ответа")),
    "zh": ("性别", ("男", "女"), "年龄", "您使用互联网吗?", ("是", "否", "不知道")),
}  # fmt: skip


def filled(text: str, tmp_path: Path) -> Design:
    """The design of a draft whose marked places are filled in, which obeys the JSON Schema, too."""
    for key, value in MARKED.items():
        text, count = re.subn(rf'^( *{key}: )"\?"', rf"\g<1>{value}", text, flags=re.MULTILINE)
        assert count == 1, key
    path = tmp_path / "design.yaml"
    path.write_text(text, encoding="utf-8")
    content = json.loads(json.dumps(yaml.load(text, Loader=PlainLoader)))
    assert [error.message for error in SCHEMA.iter_errors(content)] == []
    return read_design(path)


def share(data: Path, design: Design, indicator: str) -> float:
    (prepared,) = prepare(open_microdata(data, needed(design)), design)
    frame = prepared.frame.collect().to_pandas()
    w, y, x = (frame[name].astype(float) for name in (prepared.weight, f"y_{indicator}", f"x_{indicator}"))
    return float(100 * (w * y).sum() / (w * x).sum())


@pytest.mark.parametrize("language", QUESTIONS)
@pytest.mark.parametrize("suffix", [".sav", ".dta"])
def test_labels_in_several_languages_are_enough(tmp_path: Path, language: str, suffix: str) -> None:
    """By hand: weights 1 (yes), 2 (no), 4 (yes) and 8 (not stated), so 5 of 7 use the Internet."""
    pyreadstat = pytest.importorskip("pyreadstat")
    sex, (man, woman), age, use, (yes, no, unknown) = QUESTIONS[language]
    rows = 12
    frame = pd.DataFrame(
        {
            "v1": [1, 2] * (rows // 2),
            "v2": list(range(20, 20 + rows)),
            "v3": [1, 2, 1, 9] * (rows // 4),
            "pond": [1.0, 2.0, 4.0, 8.0] * (rows // 4),
        }
    )
    path = tmp_path / f"survey{suffix}"
    labels = {"v1": sex, "v2": age, "v3": use, "pond": "Weight"}
    values = {"v1": {1: man, 2: woman}, "v3": {1: yes, 2: no, 9: unknown}}
    write = pyreadstat.write_sav if suffix == ".sav" else pyreadstat.write_dta
    write(frame, str(path), column_labels=labels, variable_value_labels=values)
    text = draft(path)
    assert re.findall(r"# CHECK.*", text) == ["# CHECK; the lowest age in the data"]
    design = filled(text, tmp_path)
    assert design.weight == "pond"
    assert dict(design.breakdowns["SEX"].codes) == {1: "M", 2: "F"}
    assert design.breakdowns["AGE"].variable == "v2"
    assert share(path, design, "internet_use") == pytest.approx(100 * 5 / 7, rel=1e-12)


def test_a_table_without_labels_is_read_by_names_and_usual_codes_which_are_marked(tmp_path: Path) -> None:
    path = tmp_path / "survey.csv"
    rows = [f"{1 + n % 2},{15 + n},{1 + n % 2},urban,{1.5 + n},{n}" for n in range(20)]
    path.write_text("\n".join(["sex,age,internet_use,area_type_urban,weight,psu", *rows]), encoding="utf-8")
    text = draft(path)
    assert "no labels" in text
    assert re.search(r"internet_use: # CHECK", text)
    assert re.search(r"SEX: # CHECK", text)
    assert re.search(r"clusters: \[psu\] # CHECK", text)
    design = filled(text, tmp_path)
    assert (design.weight, design.clusters) == ("weight", ("psu",))
    assert dict(design.breakdowns["SEX"].codes) == {1: "M", 2: "F"}


def test_the_sex_of_the_interviewer_is_not_that_of_the_respondent(tmp_path: Path) -> None:
    pyreadstat = pytest.importorskip("pyreadstat")
    frame = pd.DataFrame({"a": [1, 2], "b": [2, 1], "c": [1, 1]})
    labels = {"a": "Interviewer's gender", "b": "Q5. Gender of respondent", "c": "Sex of household head"}
    values = {name: {1: "Male", 2: "Female"} for name in labels}
    pyreadstat.write_sav(frame, str(tmp_path / "s.sav"), column_labels=labels, variable_value_labels=values)
    assert "variable: b" in draft(tmp_path / "s.sav")


def test_a_draft_that_is_not_filled_in_names_each_place_at_once(tmp_path: Path) -> None:
    path = tmp_path / "survey.csv"
    path.write_text("sex,q\n1,1\n2,2\n", encoding="utf-8")
    (tmp_path / "design.yaml").write_text(draft(path), encoding="utf-8")
    with pytest.raises(DivideError) as raised:
        read_design(tmp_path / "design.yaml")
    errors = (raised.value, *raised.value.others)
    assert {error.code for error in errors} == {"design_unfilled"}
    places = ["survey, name", "area", "year", "weight", "indicators, internet_use, variable"]
    assert [error.parts["what"] for error in errors] == places


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".sav"])
def test_a_draft_of_a_long_file_is_made_from_its_first_rows(
    tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pyreadstat = pytest.importorskip("pyreadstat")
    monkeypatch.setattr(guesses, "MOST_ROWS", 4)
    monkeypatch.setattr(draft_module, "MOST_ROWS", 4)
    frame = pd.DataFrame({"sex": [1, 2] * 5, "weight": [1.5] * 9 + [2.0]})
    path = tmp_path / f"long{suffix}"
    write = {".csv": frame.to_csv, ".parquet": frame.to_parquet}.get(suffix)
    pyreadstat.write_sav(frame, str(path)) if write is None else write(path, index=False)
    text = draft(path)
    assert "# Numbers of rows (n) are those of the first 4 rows." in text
    assert "1: M # no label (n = 2)" in text


def test_values_without_a_meaning_are_listed_to_be_filled_in(tmp_path: Path) -> None:
    pyreadstat = pytest.importorskip("pyreadstat")
    frame = pd.DataFrame({"use": [1, 2, 3, 4]})
    values: dict[str, Any] = {"use": {1: "Yes", 2: "No", 3: "Perhaps"}}
    labels = {"use": "Use of the Internet"}
    pyreadstat.write_sav(frame, str(tmp_path / "s.sav"), column_labels=labels, variable_value_labels=values)
    text = draft(tmp_path / "s.sav")
    after = text[text.index("FILL IN: these values have no meaning") :]
    assert "# 3: Perhaps (n = 1)" in after
    assert "# 4: no label (n = 1)" in after


@pytest.mark.parametrize(
    ("file", "weights"), [("tun_r7", {"withinwt": 59.45}), ("tun_r8", {"withinwt_ea": 60.5, "withinwt_hh": 61.95})]
)
def test_drafts_for_tunisia_give_the_shares_worked_out_by_hand(
    raw: Path, tmp_path: Path, file: str, weights: dict[str, float]
) -> None:
    """Only name, area and year are filled in, and for the second share the other weight that the draft names."""
    pytest.importorskip("pyreadstat")
    data = raw / "microdata_afrobarometer" / f"{file}_data.sav"
    text = draft(data)
    first = next(iter(weights))
    for weight, printed in weights.items():
        design = filled(re.sub(rf"^weight: {first}", f"weight: {weight}", text, flags=re.MULTILINE), tmp_path)
        assert set(design.breakdowns) == {"SEX", "AGE", "URBANISATION"}
        assert round(share(data, design, "internet_use"), len(f"{printed}".partition(".")[2])) == printed


@pytest.mark.parametrize(("file", "year", "printed"), [("tun_r7", 2018, 59.45), ("tun_r8", 2020, 60.5)])
def test_from_the_draft_for_tunisia_to_a_submission_without_errors(
    raw: Path, tmp_path: Path, file: str, year: int, printed: float
) -> None:
    """As the tutorial says: --init, the marked places, --out, validate. The shares are those worked out by hand."""
    pytest.importorskip("pyreadstat")
    data = str(raw / "microdata_afrobarometer" / f"{file}_data.sav")
    assert run(tmp_path, "tabulate", data, "--init", "--out", "design.yaml").returncode == 0
    text = (tmp_path / "design.yaml").read_text(encoding="utf-8")
    for key, value in {**MARKED, "year": str(year)}.items():
        text = re.sub(rf'^( *{key}: )"\?"', rf"\g<1>{value}", text, flags=re.MULTILINE)
    (tmp_path / "design.yaml").write_text(text, encoding="utf-8")
    by = ("--by", "SEX,URBANISATION,AGE,SEX:URBANISATION")
    finished = run(tmp_path, "tabulate", data, "--design", "design.yaml", *by, "--out", "figures.csv")
    assert finished.returncode == 0, finished.stderr
    figures = pd.read_csv(tmp_path / "figures.csv").set_index(["INDICATOR", "SEX", "AGE", "URBANISATION"])
    share = figures.loc[("internet_use", "_T", "_T", "_T"), "OBS_VALUE"]
    assert round(share, len(f"{printed}".partition(".")[2])) == printed
    assert figures["STD_ERR"].isna().all()
    checked = run(tmp_path, "validate", "figures.csv", "--format", "json")
    assert checked.returncode == 0
    assert not [one for one in json.loads(checked.stdout)["findings"] if one["severity"] == "error"]
