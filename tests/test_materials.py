"""What the product is made of: the bill of materials, and what the audit makes of its answers."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

ROOT = Path(__file__).resolve().parents[1]


def load(name: str) -> ModuleType:
    """A command of tools/ as a module."""
    spec = importlib.util.spec_from_file_location(f"tools_{name}", ROOT / f"tools/{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


sbom = load("sbom")
audit = load("audit")
TEXT = (ROOT / "sbom.cdx.json").read_text(encoding="utf-8")
COMPONENTS = {component["bom-ref"]: component for component in json.loads(TEXT)["components"]}


def test_the_bill_of_materials_is_valid_and_what_the_lock_files_say_twice_over() -> None:
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(TEXT) is None
    assert sbom.make_sbom(ROOT) == TEXT, "run: make sbom"
    assert sbom.make_sbom(ROOT) == TEXT


def test_scopes_tell_what_a_mirror_installs_from_what_only_tests_use() -> None:
    assert COMPONENTS["pypi:click"]["scope"] == "required"
    assert COMPONENTS["pypi:urllib3"]["scope"] == "required"  # which python-tuf needs
    assert COMPONENTS["pypi:polars"]["scope"] == "optional"
    assert COMPONENTS["pypi:tornado"]["scope"] == "optional"  # which a scheduler needs
    assert COMPONENTS["pypi:pytest"]["scope"] == "excluded"
    npm = [component for ref, component in COMPONENTS.items() if ref.startswith("npm:")]
    assert npm
    assert {component["scope"] for component in npm} == {"excluded"}


def test_every_file_of_others_that_a_site_carries_is_on_the_bill_with_its_hash() -> None:
    carried = [c for ref, c in COMPONENTS.items() if ref.startswith("carried:")]
    files = {
        file["name"]: file["hashes"][0]["content"] for c in carried for file in c["components"]
    }
    assert all(component["licenses"] for component in carried)
    assert "templates/assets/charts/uplot.js" in files
    for name, sha256 in files.items():
        assert sbom.hashlib.sha256((ROOT / name).read_bytes()).hexdigest() == sha256, name


def test_every_python_package_names_a_licence_and_somebody_who_needs_it() -> None:
    wanted = {
        reference
        for entry in json.loads(TEXT)["dependencies"]
        for reference in entry.get("dependsOn", ())
    }
    for reference, component in COMPONENTS.items():
        if reference.startswith("pypi:"):
            assert component["licenses"], reference
            assert reference in wanted, reference


def test_a_package_in_another_version_than_the_locked_one_is_refused(tmp_path: Path) -> None:
    for name in ("pyproject.toml", "requirements.txt", "requirements-dev.txt"):
        text = (ROOT / name).read_text(encoding="utf-8")
        (tmp_path / name).write_text(text.replace("click==", "click==0."), encoding="utf-8")
    with pytest.raises(sbom.OutdatedError, match="click"):
        dict(sbom._list_python(tmp_path))


PIP_SAYS_NOTHING = json.dumps(
    {"dependencies": [{"name": "click", "skip_reason": "Dependency not found on PyPI"}]}
)
PIP_FINDS_ONE = json.dumps(
    {
        "dependencies": [
            {
                "name": "jinja2", "version": "2.0",
                "vulns": [{"id": "PYSEC-1", "fix_versions": ["3.1"]}],
            },
            {"name": "click", "version": "8.1", "vulns": []},
        ]
    }
)  # fmt: skip
NPM_CLEAN = json.dumps({"vulnerabilities": {}, "metadata": {"dependencies": {"total": 204}}})
NPM_FINDS_ONE = json.dumps(
    {
        "vulnerabilities": {"tar": {"severity": "high", "range": "<6"}},
        "metadata": {"dependencies": {"total": 204}},
    }
)
NPM_REFUSED = json.dumps({"message": "405 Method Not Allowed", "statusCode": 405})


@pytest.mark.parametrize(
    ("pip", "npm", "code", "strict", "words"),
    [
        (PIP_FINDS_ONE, NPM_CLEAN, 1, 1, "jinja2 2.0：PYSEC-1，改正于 3.1"),
        (PIP_SAYS_NOTHING, NPM_FINDS_ONE, 1, 1, "tar：high"),
        (PIP_SAYS_NOTHING, NPM_CLEAN, 0, 2, "查不到漏洞库，这一次没有审计"),
        ("no network", NPM_REFUSED, 0, 2, "405 Method Not Allowed"),
        ("", "", 0, 2, "没有回答"),
    ],
)
def test_silence_of_a_database_is_never_taken_for_a_clean_answer(
    pip: str, npm: str, code: int, strict: int, words: str
) -> None:
    answers = (("Python", audit.read_pip_audit(pip)), ("npm", audit.read_npm_audit(npm)))
    assert audit.judge(answers, must_reach=False)[0] == code
    found, text = audit.judge(answers, must_reach=True)
    assert found == strict
    assert words in text
