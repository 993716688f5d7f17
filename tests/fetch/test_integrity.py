"""Editions are verified when they are used, and one that cannot be used leaves the others alone."""

import hashlib
import shutil
from pathlib import Path

import pytest
import yaml

from divide_cli.catalogue import data_dir
from divide_cli.errors import CatalogueError, DivideError, SourceError
from divide_cli.sources import editions
from tests.runner import divide, in_a_process

FIGURES = b"REF_AREA,INDICATOR,TIME_PERIOD,OBS_VALUE\nKEN,internet_use,2020,40\n"
ORIGIN = {
    "id": "mine", "title": "Mine", "producer": "me", "url": "https://example.org", "accessed": "2026-01-01",
    "vintage": "2026-01-01", "role": "country", "licence": {"id": "CC0-1.0"}, "citation": "me", "indicators": ["internet_use"],
}  # fmt: skip


def named(content: bytes = FIGURES, name: str = "figures.csv") -> dict[str, object]:
    return {"path": name, "sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}


@pytest.fixture
def mine(tmp_path, monkeypatch):
    """An edition of one's own: `mine(files=[...])` writes it with these keys and gives its folder."""
    monkeypatch.setattr(editions, "folders", lambda: (tmp_path / "editions", data_dir() / "sources"))
    editions.editions.cache_clear()

    def write(**changed: object) -> Path:
        folder = tmp_path / "editions" / "mine"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "figures.csv").write_bytes(FIGURES)
        content = {name: value for name, value in {**ORIGIN, "files": [named()], **changed}.items() if value is not ...}
        text = yaml.safe_dump(content, sort_keys=False)
        (folder / "origin.yaml").write_text(text.replace("'2026-01-01'", "2026-01-01"), encoding="utf-8")
        editions.editions.cache_clear()
        return folder

    yield write
    editions.editions.cache_clear()


def refusal(name: str = "mine") -> DivideError:
    with pytest.raises(DivideError) as raised:
        editions.load(name)
    return raised.value


def test_an_edition_whose_files_are_as_named_is_read(mine):
    mine()
    assert editions.load("mine").frame["OBS_VALUE"].tolist() == [40.0]


@pytest.mark.parametrize("content", [FIGURES.replace(b"40", b"41"), FIGURES + b"\n", b"", b"\x00garbage"])
def test_other_bytes_are_an_error_that_says_how_to_accept_them(content, mine):
    folder = mine()
    (folder / "figures.csv").write_bytes(content)
    error = refusal()
    assert (error.code, error.exit_code) == ("edition_file_changed", 3) and error.where == str(folder / "figures.csv")
    assert hashlib.sha256(FIGURES).hexdigest() in error.expected and hashlib.sha256(content).hexdigest() in error.found


def test_the_message_accepts_the_change(mine):
    """What it says to write into origin.yaml is enough."""
    folder = mine()
    (folder / "figures.csv").write_bytes(FIGURES.replace(b"40", b"41"))
    entries = yaml.safe_load(refusal().hint.partition("origin.yaml ")[2])
    shutil.copyfile(folder / "figures.csv", folder.parent / "kept.csv")
    mine(**entries)
    shutil.move(folder.parent / "kept.csv", folder / "figures.csv")
    assert editions.load("mine").frame["OBS_VALUE"].tolist() == [41.0]


def test_a_file_that_is_not_named_and_one_that_is_missing(mine):
    folder = mine()
    (folder / "more.csv").write_bytes(FIGURES.replace(b"2020", b"2021"))
    assert refusal().code == "edition_file_unnamed" and "more.csv" in refusal().found
    (folder / "more.csv").unlink()
    mine(files=...)
    assert refusal().code == "edition_file_unnamed"
    mine(files=[named(), named(name="gone.csv")])
    assert (refusal().code, refusal().found) == ("edition_file_lost", "gone.csv")


def test_hidden_files_and_folders_are_not_of_the_edition(mine):
    folder = mine()
    (folder / ".asked").write_text("x")
    (folder / "notes").mkdir()
    assert len(editions.load("mine").frame) == 1


def test_the_embedded_editions_are_verified_too(tmp_path, monkeypatch):
    source = data_dir() / "sources" / "wdi_by_sex_2019_2023"
    shutil.copytree(source, tmp_path / source.name, ignore=shutil.ignore_patterns("__cache__"))
    monkeypatch.setattr(editions, "folders", lambda: (tmp_path,))
    editions.editions.cache_clear()
    whole = editions.load(source.name)
    assert len(whole.frame) == len((source / "observations.csv").read_bytes().splitlines()) - 1
    path = tmp_path / source.name / "observations.csv"
    path.write_bytes(path.read_bytes().replace(b"F", b"M", 1))
    with pytest.raises(SourceError, match="a file of the edition was changed"):
        editions.load(source.name)
    editions.editions.cache_clear()


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({"vintage": "2026-08"}, "vintage"),
        ({"vintage": 2026}, "vintage"),
        ({"title": 2026}, "title"),
        ({"title": ["a", "b"]}, "title"),
        ({"licence": "CC0"}, "licence"),
        ({"licence": {"id": 5}}, "id"),
        ({"indicators": "internet_use"}, "indicators"),
        ({"indicators": [5]}, "indicators"),
        ({"indicators": {"a": 1}}, "indicators"),
        ({"raw": {"path": "x"}}, "raw"),
        ({"raw": [5]}, "raw"),
        ({"files": [{"path": "../x", "sha256": "0" * 64, "bytes": 1}]}, "files 1, path"),
        ({"notes": "one"}, "notes"),
        ({"default": "no"}, "default"),
        ({"role": ["country"]}, ""),
        ({"view": "claims/of_somebody.yaml"}, "view"),
        ({"view": "claims/of_somebody.yaml", "role": "quoted"}, "view"),
        ({"via": 5}, "via"),
        ({1: 2}, ""),
        ({None: 2}, ""),
    ],
    ids=str,
)
def test_a_key_of_another_type_is_named_and_other_editions_work(changed, where, mine):
    folder = mine(title="Mine")
    text = yaml.safe_dump({**yaml.safe_load((folder / "origin.yaml").read_text()), **changed})
    (folder / "origin.yaml").write_text(text)
    editions.editions.cache_clear()
    error = refusal()
    assert isinstance(error, CatalogueError) and error.exit_code == 3
    assert error.where.startswith(f"{folder / 'origin.yaml'}") and where in error.where and error.found
    assert len(editions.load("wdi_by_sex_2019_2023").frame)
    assert len(editions.left_out()) == 1 and "the edition mine is left out" in editions.left_out()[0]


BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 10)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize("text", [BOMB, "[" * 9_000, "", "- 1", "a: 1\na: 2", "x" * 2_000_000, "\0", "a: 2026-02-31"])
def test_an_origin_that_was_made_to_harm(text, mine):
    folder = mine()
    (folder / "origin.yaml").write_text(text)
    editions.editions.cache_clear()
    error = refusal()
    assert error.code in ("user_yaml_unreadable", "origin_malformed") and error.where == str(folder / "origin.yaml")
    assert len(str(error)) < 2000


def test_an_edition_that_cannot_be_used_does_not_give_way_to_its_namesake(mine, tmp_path):
    """It was put there in place of the embedded one: figures of the other would be another answer."""
    folder = mine()
    (tmp_path / "editions" / "wdi_2026_08").mkdir()
    (folder / "origin.yaml").rename(tmp_path / "editions" / "wdi_2026_08" / "origin.yaml")
    (tmp_path / "editions" / "wdi_2026_08" / "origin.yaml").write_text("id: 5\n")
    editions.editions.cache_clear()
    assert refusal("wdi_2026_08").where.endswith("wdi_2026_08/origin.yaml")


def test_commands_go_on_without_an_edition_that_cannot_be_used(mine, tmp_path):
    """They say so on stderr, once; the command that names the edition gives its error."""
    mine(vintage="2026-08")
    choice = ("compute", "--no-write", "--gap", "internet_use_sex", "--year", "2024", "--format", "csv")
    plain = divide(tmp_path, *choice)
    assert plain.returncode == 0 and plain.stderr.count("the edition mine is left out") == 1
    assert "origin.yaml, vintage" in plain.stderr and "expected a day" in plain.stderr
    (tmp_path / "editions" / "mine" / "origin.yaml").unlink()
    editions.editions.cache_clear()
    assert divide(tmp_path, *choice).stdout == plain.stdout
    mine(vintage="2026-08")
    for words in (("compute", "--no-write", "--edition", "mine"), ("show", "mine")):
        made = divide(tmp_path, *words)
        assert made.returncode == 3 and "vintage" in made.stderr and "Traceback" not in made.stderr
    listed = divide(tmp_path, "list", "editions")
    assert listed.returncode == 0 and "wdi_2026_08" in listed.stdout and "the edition mine is left out" in listed.stderr
    named = divide(tmp_path, "compute", "--no-write", "--edition", "wdi_2026_08", "--gap", "internet_use_sex")
    assert "mine" not in named.stderr


def test_the_variable_names_the_folder(mine, tmp_path):
    """In a process of its own, as users run it."""
    folder = mine(vintage="2026-08")
    made = in_a_process(tmp_path, "list", "editions", DIVIDE_EDITIONS=str(folder.parent))
    assert made.returncode == 0 and "the edition mine is left out" in made.stderr and "Traceback" not in made.stderr
