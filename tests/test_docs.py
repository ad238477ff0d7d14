"""The documentation says what is there: commands, settings, rules, page kinds, links."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from generator.cli import main
from generator.config import read_config
from generator.data.rules import RULES

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
REFERENCE = DOCS / "reference"


@pytest.mark.parametrize("name", ["commands", "schemas", "figures", "exit-codes"])
def test_reference_pages_are_what_the_code_says(name: str) -> None:
    result = CliRunner().invoke(main, ["reference", name, "--config", str(ROOT / "mkdocs.yml")])
    assert result.exit_code == 0, result.output
    written = (REFERENCE / f"{name}.md").read_text(encoding="utf-8")
    assert written == result.output, f"run: huanjing reference {name} > docs/reference/{name}.md"


def test_every_command_has_a_heading_and_every_option_a_line() -> None:
    text = (REFERENCE / "commands.md").read_text(encoding="utf-8")
    for name, command in main.commands.items():
        section = text.split(f"## huanjing {name}\n")[1].split("\n## ")[0]
        for option in command.params:
            if option.param_type_name == "option":
                assert f"{option.opts[0]}" in section, (name, option.name)
                assert getattr(option, "help", None), f"{name} {option.name} has no help"


def test_every_setting_has_a_heading_of_its_own_and_stands_in_the_example() -> None:
    text = (DOCS / "settings.md").read_text(encoding="utf-8")
    source = (ROOT / "generator/config.py").read_text(encoding="utf-8")
    settings = set(re.findall(r'reader\.[a-z_]+\("([a-z_]+)"\)', source))
    assert len(settings) > 10
    assert settings == set(re.findall(r"^## ([a-z_]+)$", text, re.MULTILINE))
    (example,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    assert settings == set(yaml.safe_load(example)["extra"]["huanjing"])


def test_the_example_of_all_settings_is_one_that_is_read(tmp_path: Path) -> None:
    text = (DOCS / "settings.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    (tmp_path / "mkdocs.yml").write_text(example, encoding="utf-8")
    assert read_config(tmp_path / "mkdocs.yml").canonical == "https://huanjing.example.gov.cn/"


def test_every_rule_has_a_heading() -> None:
    text = (DOCS / "rules.md").read_text(encoding="utf-8")
    assert {rule.code for rule in RULES} <= set(re.findall(r"^### (\S+)$", text, re.MULTILINE))


def test_every_page_kind_has_a_heading_and_no_other() -> None:
    text = (REFERENCE / "pages.md").read_text(encoding="utf-8")
    described = set(re.findall(r"^## ([a-z-]+)$", text, re.MULTILINE))
    kinds = {path.name.split(".")[0] for path in (ROOT / "templates/pages").glob("*.jinja")}
    assert described == kinds


def test_the_documentation_builds_with_every_link_and_every_page_in_its_menu(
    tmp_path: Path,
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "-f", str(ROOT / "mkdocs-docs.yml"),
         "-d", str(tmp_path / "docs")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "docs/adr/0001-shells.html").is_file()


def test_every_file_that_the_readme_points_at_exists() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)#:]+)\)", readme)
    assert targets
    assert all((ROOT / target).exists() for target in targets), targets


def test_examples_name_only_commands_and_options_that_exist() -> None:
    faults = []
    for page in sorted([*DOCS.rglob("*.md"), ROOT / "README.md"]):
        text = page.read_text(encoding="utf-8")
        for block in re.findall(r"```(?:sh|console)\n(.*?)```", text, re.DOTALL):
            for line in block.replace("\\\n", " ").splitlines():
                found = re.search(r"(?:^|&& )huanjing ([a-z]+)(.*)", line.partition("#")[0])
                if not found:
                    continue
                command = main.commands.get(found[1])
                known = {flag for item in command.params for flag in item.opts} if command else {}
                used = set(re.findall(r"(?<=\s)--[a-z-]+", found[2]))
                if command is None or not used <= set(known):
                    faults.append((page.name, line))
    assert not faults
