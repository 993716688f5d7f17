"""The files of translations: slots, commands and terms are kept, plural forms complete, nothing is left out."""

import csv

import pytest

from scripts.translations import check, files
from scripts.translations.collect import Message, every_message
from scripts.translations.files import COMPLETE, FOLDER, OTHERS, Translation


@pytest.fixture(scope="module")
def messages() -> list[Message]:
    return every_message()


@pytest.mark.parametrize("language", OTHERS)
def test_what_is_translated_keeps_slots_commands_and_terms(language, messages):
    """0 slots and commands lost or added; each term that is a text by itself is that of the glossary."""
    translated = [one for one in files.updated(language, messages) if one.complete]
    assert list(check.faults(language, translated)) == []


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_is_translated(language, messages):
    translations = files.updated(language, messages)
    missing = [one.message for one in translations if not one.complete]
    if language not in COMPLETE and missing:
        pytest.skip(f"{len(missing)} of {len(translations)} texts are English in {language}")
    assert missing == []


@pytest.mark.parametrize("language", OTHERS)
def test_the_file_is_what_extract_writes(language, messages):
    """So a text that is added, or changed, or gone, shows in every file."""
    text = files.path_of(language).read_text(encoding="utf-8")
    assert files.text_of(language, files.updated(language, messages)) == text


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("ligne {lines}", "slots"),
        ("ligne", "slots"),
        ("ligne {line} de `divide show`", "lost or added"),
        ("ligne {line} avec --area", "lost or added"),
        ("ligne {line:,}", "slots"),
        (" ligne {line}", "blank"),
        ("ligne\u200f {line}", "invisible"),
        ("", "not translated"),
    ],
)
def test_a_fault_is_found(text, fault):
    (found,) = check.faults("fr", [Translation(Message("", "line {line}"), (text,))])
    assert fault in found


def test_no_text_is_there_twice(messages):
    """A file cannot hold a noun both by itself and counted: the second would take the place of the first."""
    keys = [(message.context, message.text) for message in messages]
    assert len(set(keys)) == len(keys)


def test_a_changed_text_keeps_its_translation_marked(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "FOLDER", tmp_path)
    files.write("fr", [Translation(Message("rules:x.name", "A row is empty"), ("Une ligne est vide",))])
    (one,) = files.updated("fr", [Message("rules:x.name", "A row has no cells")])
    assert (one.texts, one.changed, one.complete) == (("Une ligne est vide",), True, False)
    files.write("fr", [one])
    assert files.read("fr") == [one]


def test_the_glossary_is_complete_and_in_order():
    with (FOLDER / "glossary.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert all(all(row.values()) for row in rows)
    assert [row["en"] for row in rows] == sorted((row["en"] for row in rows), key=str.casefold)
    assert len({row["en"] for row in rows}) == len(rows)
