"""Economies by their names in any language that the lists know, and by the codes of ISO and of their parts."""

import re
from functools import cache

from divide_cli.catalogue.codelists import codelist, economies, is_economy
from divide_cli.catalogue.labels import plain, read_labels


@cache
def _names() -> dict[str, str]:
    names = {row["label"]: row["code"] for row in read_labels("codes") if row["concept"] == "REF_AREA"}
    named = {codelist("CL_AREA").name(code): code for code in sorted(economies())}
    return {plain(text): code for text, code in {**named, **names}.items()}


def area_of(text: str) -> str:
    """The code of an economy by its name in the lists or by one of ISO's codes; empty where it is none."""
    bare = text.strip()
    if is_economy(bare):
        return bare
    return _names().get(plain(text)) or _two_letters().get(bare, "")


def area_of_number(text: str) -> str:
    """The economy of a UN M49 number, which programs write without its leading zeros (12 for 012); empty for others."""
    bare = text.strip()
    return _numbers().get(bare.zfill(3), "") if bare.isascii() and bare.isdigit() and len(bare) <= 3 else ""


@cache
def _numbers() -> dict[str, str]:
    rows = codelist("CL_AREA").rows
    return {row["m49"]: code for code, row in rows.items() if row["m49"] and is_economy(code)}


@cache
def _two_letters() -> dict[str, str]:
    return {row["iso2"]: code for code, row in codelist("CL_AREA").rows.items() if row["iso2"]}


def area_of_prefix(text: str) -> str:
    """The economy whose two letters a code of its part begins with (KG05, KZAKM, ES211); empty for other texts.

    A code has a digit or a dash, or three letters after the two: a name in capitals (GOA, KERALA) is none.
    """
    found = re.fullmatch(r"([A-Z]{2})(?:[-_][A-Z0-9]{1,4}|(?=[A-Z]*\d)[A-Z0-9]{1,7}|[A-Z]{3})", text.strip())
    return _two_letters().get(found[1], "") if found else ""
