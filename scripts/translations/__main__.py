"""`python -m scripts.translations extract|check|compile|todo|take`: the translations of what people read.

extract          writes every text into each .po file; translations stay, and are marked where the English has changed
check [LANG...]  reports what is missing or wrong, and whether `extract` would change a file; exit code 1 if so. Without
                 LANG, a text without translation is a fault in languages that are whole; of others it says how many
compile          writes the .mo files, which the program reads
todo LANG        prints what is not translated, as JSON: fill in "translation" (a list for plurals)
take LANG FILE   puts the filled-in JSON into the .po file, wherever the English text stands without translation
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from scripts.translations import check, files
from scripts.translations.collect import every_message


def extract() -> int:
    """Brings the .po files up to date."""
    messages = every_message()
    for language in files.OTHERS:
        translations = files.updated(language, messages)
        files.write(language, translations)
        done = sum(translation.complete for translation in translations)
        print(f"{language}: {done:,} of {len(translations):,} texts are translated")
    return 0


def check_all(languages: Sequence[str]) -> int:
    """Prints the faults; returns 1 if there are some. Says how much of a language is there, where not all must be."""
    messages = every_message()
    faults: list[str] = []
    for language in languages or files.OTHERS:
        translations = files.updated(language, messages)
        done = [one for one in translations if one.complete]
        whole = language in languages or language in files.COMPLETE
        if not whole:
            share = 100 * len(done) / len(translations)
            print(f"{language}: {share:.1f} % ({len(done):,} of {len(translations):,} texts) are translated")
        faults += check.faults(language, translations if whole else done)
        if files.text_of(language, translations) != files.path_of(language).read_text(encoding="utf-8"):
            faults.append(f"{language}.po is not what `python -m scripts.translations extract` writes")
    print(*faults, sep="\n" if faults else "")
    return int(bool(faults))


def compile_all() -> int:
    """Writes the .mo files."""
    for language in files.OTHERS:
        content = io.BytesIO()
        with files.path_of(language).open("rb") as file:
            write_mo(content, read_po(file))
        files.path_of(language).with_suffix(".mo").write_bytes(content.getvalue())
    return 0


def todo(language: str) -> int:
    """Prints the texts without a translation, each once."""
    texts: dict[tuple[str, str], dict[str, object]] = {}
    for one in files.updated(language, every_message()):
        if one.complete:
            continue
        message, several = one.message, bool(one.message.several)
        blank = {"text": message.text} | ({"several": message.several} if several else {})
        entry = texts.setdefault((message.text, message.several), {**blank, "where": [], "translation": ""})
        entry["translation"] = list(one.texts) if several else one.texts[0]
        entry["where"] = [*entry["where"], message.context or "program"][:3]  # type: ignore[misc]
    print(json.dumps(list(texts.values()), ensure_ascii=False, indent=1))
    return 0


def take(language: str, file: str) -> int:
    """Puts translations into the .po file."""
    given = {}
    for entry in json.loads(Path(file).read_text(encoding="utf-8")):
        texts = entry["translation"]
        if texts and all(texts):
            given[entry["text"], entry.get("several", "")] = (texts,) if isinstance(texts, str) else tuple(texts)
    before = files.updated(language, every_message())
    after = files.filled(before, given)
    files.write(language, after)
    print(f"{language}: {sum(one != other for one, other in zip(before, after, strict=True)):,} texts are new")
    return 0


def main(words: Sequence[str]) -> int:
    """Runs a command."""
    match words:
        case ["extract"]:
            return extract()
        case ["check", *languages]:
            return check_all(languages)
        case ["compile"]:
            return compile_all()
        case ["todo", language]:
            return todo(language)
        case ["take", language, file]:
            return take(language, file)
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
