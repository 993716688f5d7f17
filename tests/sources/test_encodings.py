"""Texts that are not UTF-8: their encoding is found by their words, said with its reason, and doubted aloud."""

from pathlib import Path

import pytest

from divide_cli import readers
from divide_cli.errors import SourceError
from divide_cli.frames.observations import Observations
from divide_cli.readers import ReadOptions

SEXES = "{year},{sex},{value}\n2019,,60.1\n2019,{men},61.4\n2019,{women},58.8\n"
WORDS = {
    "Arabic": ("السنة", "الجنس", "القيمة", "ذكور", "إناث"),
    "Chinese": ("年份", "性别", "数值", "男", "女"),
    "Chinese, traditional": ("年份", "性別", "數值", "男性", "女性"),
    "English": ("year", "sex", "value", "men", "women"),
    "French": ("année", "sexe", "valeur", "homme", "femme"),
    "Russian": ("год", "пол", "значение", "мужчины", "женщины"),
    "Spanish": ("año", "sexo", "valor", "hombres", "mujeres"),
    "Portuguese": ("Ano", "Sexo", "Valor", "Homens", "Mulheres"),
    "Kazakh": ("Жыл", "Жынысы", "Мәні", "Ерлер", "Әйелдер"),
    "Kyrgyz": ("Жылдар", "Жынысы", "Мааниси", "Эркектер", "Аялдар"),
    "Turkish": ("Yıl", "Cinsiyet", "Değer", "Erkek", "Kadın"),
    "Korean": ("연도", "성별", "값", "남자", "여자"),
    "Japanese": ("年次", "性別", "値", "男性", "女性"),
    "Greek": ("Έτος", "Φύλο", "Τιμή", "ΑΝΔΡΕΣ", "Γυναίκες"),
    "Ukrainian": ("Рік", "Стать", "Значення", "Чоловіки", "Жінки"),
}
WRITTEN = [
    ("Arabic", "windows-1256"), ("Chinese", "gb18030"), ("Chinese, traditional", "big5"), ("French", "windows-1252"),
    ("Russian", "windows-1251"), ("Russian", "koi8-r"), ("Russian", "cp866"), ("Spanish", "windows-1252"),
    ("Turkish", "windows-1254"), ("Korean", "cp949"), ("Japanese", "cp932"), ("Greek", "windows-1253"),
    ("Ukrainian", "windows-1251"), ("Ukrainian", "koi8-u"), ("Russian", "utf-16-le"), ("Arabic", "utf-16-be"),
    ("English", "utf-16-le"),
]  # fmt: skip
WITHOUT_LABELS = {
    "windows-1250": ("Województwo", "łódzkie", "śląskie", "małopolskie"),
    "windows-1251": ("Разное", "служащие и рабочие", "Челябинская обл.", "прочие"),
    "koi8-r": ("Разное", "служащие и рабочие", "Челябинская обл.", "прочие"),
    "windows-1252": ("Gemeinde", "Köln", "Düsseldorf", "Fürth"),
    "windows-1253": ("Νομός", "Αττική", "Κρήτη", "Ήπειρος"),
    "windows-1254": ("Ilçe", "Diyarbakır", "İstanbul", "Muğla"),
    "windows-1256": ("البلدية", "القاهرة", "الإسكندرية", "أسوان"),
    "windows-949": ("구분항목", "경상남도", "전라북도", "제주도"),
    "shift_jis": ("カテゴリー", "インターネット利用者", "その他", "北海道"),
    "gb18030": ("地方", "浙江省", "四川省", "内蒙古自治区"),
    "big5": ("地方", "新竹市", "臺南市", "屏東縣"),
}
"""Encoding -> words that no list has: a heading and three labels."""


def written(folder: Path, content: bytes, name: str = "file.csv") -> str:
    (folder / name).write_bytes(content)
    return str(folder / name)


def read(path: str, **options: str) -> Observations:
    content = readers.read(path, "", ReadOptions("internet_use", "KAZ", strict=False, **options))
    assert isinstance(content, Observations)
    return content


def minimal(language: str) -> str:
    year, sex, value, men, women = WORDS[language]
    return SEXES.format(year=year, sex=sex, value=value, men=men, women=women)


def by_sex(content: Observations) -> dict[str, float]:
    return dict(zip(content.frame["SEX"].astype(str), content.frame["OBS_VALUE"], strict=True))


@pytest.mark.parametrize("language", WORDS)
def test_sex_year_and_value_in_any_language(language: str, tmp_path: Path) -> None:
    content = read(written(tmp_path, minimal(language).encode()))
    assert by_sex(content) == {"_T": 60.1, "M": 61.4, "F": 58.8}
    assert content.readings[0].file.reason == ""  # UTF-8 needs none


@pytest.mark.parametrize(("language", "encoding"), WRITTEN)
def test_encodings_are_found_by_known_labels(language: str, encoding: str, tmp_path: Path) -> None:
    content = read(written(tmp_path, minimal(language).encode(encoding)))
    assert by_sex(content) == {"_T": 60.1, "M": 61.4, "F": 58.8}
    assert content.readings[0].remarks == ()
    if not encoding.startswith("utf-16"):
        assert content.readings[0].notes[0].startswith(f"read as {content.readings[0].file.encoding}: it is not UTF-8")


@pytest.mark.parametrize("encoding", WITHOUT_LABELS)
def test_encodings_are_found_by_plausible_words(encoding: str, tmp_path: Path) -> None:
    """The labels come out as they were written, and the reason names the encoding."""
    head, *labels = WITHOUT_LABELS[encoding]
    lines = [f"Year,{head},Value", *(f"2020,{label},{40 + place}.5" for place, label in enumerate(labels)), ""]
    codec = {"windows-949": "cp949"}.get(encoding, encoding)
    content = read(written(tmp_path, "\n".join(lines).encode(codec)))
    (dimension,) = content.dimensions
    assert content.frame[dimension].astype(str).tolist() == labels
    assert content.readings[0].file.encoding == encoding
    assert content.readings[0].remarks == ()


def test_two_likely_encodings_are_doubted(tmp_path: Path) -> None:
    """The byte E8 is è in Windows-1252 and č in Windows-1250; nothing else in the file decides."""
    path = written(tmp_path, "Year,Region,Value\n2019,,40.1\n2019,Loèche,41.3\n".encode("cp1252"))
    (remark,) = read(path).readings[0].remarks
    assert remark.kind == "encoding_doubtful"
    assert remark.lines == [3]
    assert "windows-1250" in remark.text
    assert "'Loèche' would be 'Ločche'" in remark.text
    assert "--encoding" in remark.text
    named = read(path, encoding="windows-1250")
    assert named.readings[0].remarks == ()
    assert "Ločche" in named.frame["SUBNATIONAL_AREA"].cat.categories


@pytest.mark.parametrize("name", ["windows-949", "euc-kr", "cp949"])
def test_encodings_go_by_their_usual_names(name: str, tmp_path: Path) -> None:
    path = written(tmp_path, minimal("Korean").encode("cp949"))
    assert by_sex(read(path, encoding=name)) == {"_T": 60.1, "M": 61.4, "F": 58.8}


@pytest.mark.parametrize(
    "content",
    [
        "Year,Sex,Value\n2019,Año,1\n".encode() + b"2019,\xe9t\xe9,2\n",  # UTF-8 beside Windows-1252
        b"Year,Sex,Value\n2019,a\xff\x80z\xfe\xfa,1\n",
        "Year,Пол,Value\n2019,мужчины,1\n2019,женщины,2\n".encode() + b"2020,\xff,3\n",
    ],
)
def test_mixed_and_unlikely_bytes_are_refused(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(SourceError) as error:
        read(written(tmp_path, content))
    assert error.value.code == "encoding_unknown_bytes"
    assert "--encoding" in str(error.value)


def test_marks_alone_decide_nothing_and_are_not_doubted(tmp_path: Path) -> None:
    """A dash of Windows-1252 between ages is one in all Windows encodings."""
    content = read(written(tmp_path, "Year,Age,Value\n2019,15–24,71.2\n2019,25–34,80.5\n".encode("cp1252")))
    assert content.frame["AGE"].astype(str).tolist() == ["Y15T24", "Y25T34"]
    assert content.readings[0].file.encoding == "windows-1252"
    assert content.readings[0].remarks == ()
