"""Each rule has its page in docs/rules/; what `divide show`, the page of findings and SARIF say leads there."""

import json
import re
from dataclasses import replace

import pytest
import yaml
from msgspec import structs

from divide_cli.catalogue import catalogue
from divide_cli.reports import html, sarif
from divide_cli.reports.catalogue import kinds as entries
from divide_cli.validation.report import Described
from divide_cli.validation.rules import Stage, kinds
from divide_cli.validation.run import validate
from divide_cli.validation.waivers import waivers_from
from scripts.docs import ROOT
from scripts.docs.links import problem
from scripts.docs.rules import sections
from scripts.docs.submissions import Specimen, specimens

RULES = catalogue().rules
FAILING = {specimen.rule.id: specimen for specimen in specimens() if specimen.severity}
LINK = re.compile(r"\]\((?P<target>[^)]+)\)")
SITE = "https://example.org/rules/total_outside_sexes"


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    """The committed pages by their paths; `make check` asks whether they are what the rules and submissions give."""
    return {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
        for path in (ROOT / "docs" / "rules").iterdir()
    }


def test_there_is_a_page_for_each_rule_and_no_other(texts):
    expected = {f"docs/rules/{name}.md" for name in (*RULES, "index")}
    assert set(texts) == expected


def test_the_index_has_the_rules_in_their_order(texts):
    assert [rule.id for rules in sections().values() for rule in rules] == list(RULES)
    links = re.findall(r"^\| \[[^]]+\]\((\w+)\.md\)", texts["docs/rules/index.md"], flags=re.MULTILINE)
    assert links == list(RULES)


@pytest.mark.parametrize("name", RULES)
def test_a_page_has_the_texts_of_the_rule_and_a_marked_line(texts, name):
    rule, text = RULES[name], texts[f"docs/rules/{name}.md"]
    assert next(line for line in text.splitlines() if line.startswith("#")) == f"# {rule.name}"
    for part in (rule.reason, rule.source, rule.hint, f"| `{name}` | {rule.severity} |"):
        assert part in text
    assert f"({name}), " in " ".join(text.split())  # what is printed
    assert re.search(r"^> +\d+ \| ", text, flags=re.MULTILINE) or "The finding is about the whole file" in text
    assert re.search(r"tests/submissions/ok_\w+", text)
    assert "\n\n\n" not in text


@pytest.mark.parametrize("name", RULES)
def test_links_of_a_page_lead_somewhere(texts, name):
    page = ROOT / "docs" / "rules" / f"{name}.md"
    targets = LINK.findall(re.sub(r"^```.*?^```", "", texts[f"docs/rules/{name}.md"], flags=re.DOTALL | re.MULTILINE))
    assert {target: problem(page, target) for target in targets} == dict.fromkeys(targets, "")


@pytest.mark.parametrize(
    "name", [name for name, rule in RULES.items() if kinds()[rule.kind].stage is not Stage.WAIVERS]
)
def test_the_waiver_of_a_page_covers_the_finding(texts, name, tmp_path):
    (text,) = re.findall(r"```yaml\n(.*?)```", texts[f"docs/rules/{name}.md"], flags=re.DOTALL)
    (entry,) = yaml.safe_load(text)
    assert entry["rule"] == name
    path = tmp_path / "waivers.yaml"
    path.write_text(text, encoding="utf-8")
    specimen = shown(texts, name)
    request = replace(specimen.request(), waivers=tuple(waivers_from(str(path), list(RULES))))
    findings = [finding for finding in validate(request).findings if finding.rule == name]
    assert any(finding.waiver for finding in findings)


def shown(texts: dict[str, str], name: str) -> Specimen:
    """The file that the page shows first."""
    (file, *_) = re.findall(r"\]\(\.\./\.\./(tests/submissions/[^)]+\.csv)\)", texts[f"docs/rules/{name}.md"])
    return Specimen(ROOT / file)


@pytest.mark.parametrize("name", RULES)
def test_what_is_said_of_a_rule_leads_to_its_page(name):
    page = Described.of(RULES[name]).page
    assert (ROOT / page).is_file()
    assert ("page", page) in entries()["rules"][name].describe()


def test_a_rule_of_a_user_has_no_page():
    own = structs.replace(RULES["jump"], tolerance=2.0)
    assert Described.of(own).page == ""
    assert Described.of(structs.replace(own, id="small_jump")).page == ""


def test_the_page_of_findings_and_sarif_lead_to_the_page():
    """By an address in the repository in words; by a link where the pages are published."""
    specimen = FAILING["total_outside_sexes"]
    report, rule = specimen.judged(), Described.of(RULES["total_outside_sexes"])
    local, published = ({rule.id: one} for one in (rule, replace(rule, page=SITE)))
    assert f"<code>{rule.page}</code>" in html.text(report, local)
    assert f'<a href="{SITE}">' in html.text(report, published)
    entries = (
        next(entry for entry in sarif_rules(report, described) if entry["id"] == rule.id)
        for described in (local, published)
    )
    relative, absolute = entries
    assert "helpUri" not in relative  # SARIF 2.1.0, 3.49.12: an absolute URI
    assert relative["properties"]["page"] == rule.page
    assert absolute["helpUri"] == SITE


def sarif_rules(report, described):
    return json.loads(sarif.text(report, described))["runs"][0]["tool"]["driver"]["rules"]
