"""Writes sbom.cdx.json: what the generator, its build and its tests are made of (CycloneDX 1.6).

    python tools/sbom.py            # write it
    python tools/sbom.py --check    # say whether it is as the lock files have it

Names, versions and who needs whom come from the lock files, licences from the metadata of what is
installed, carried files from the lists beside them. Same locks, same bytes: no clock, no random
number. A component's scope says who is touched by it: `required` is what a mirror's host installs,
`optional` what builds a site, on one machine or several, `excluded` what only tests and checks use.

Source: https://cyclonedx.org/docs/1.6/json/; docs/adr/0037-materials.md
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import tomllib
import uuid
from collections.abc import Iterable, Iterator, Mapping
from importlib import metadata
from pathlib import Path

from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.model.contact import OrganizationalEntity
from cyclonedx.model.license import DisjunctiveLicense, LicenseExpression
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

ROOT = Path(__file__).resolve().parents[1]
SBOM = ROOT / "sbom.cdx.json"
_PINNED = re.compile(r"^([A-Za-z0-9_.-]+)==([^\s;\\]+)")
_NEEDED_BY = re.compile(r"^ +#(?: via)? +([A-Za-z0-9_.-]+)(?: \(pyproject.toml\))?$")
_SELF = "huanjing"


class OutdatedError(Exception):
    """What is installed is not what is locked, so that its licences may not be the right ones."""


def make_sbom(root: Path) -> str:
    """The bill of materials of the checkout in `root`.

    Raises:
        OutdatedError: A locked package is installed in another version, or not at all.

    """
    bom = Bom()
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    program = Component(
        name=_SELF,
        type=ComponentType.APPLICATION,
        version=_read_version(root),
        bom_ref=_SELF,
        description=project["description"],
        licenses=[LicenseExpression(project["license"])],
    )
    bom.metadata.component = program
    packages = dict(_list_python(root))
    carried = tuple(_list_carried(root))
    npm = tuple(_list_npm(root))
    for component in (*packages.values(), *carried, *npm):
        bom.components.add(component)
    needs = _read_needs(root / "requirements-dev.txt")
    for name, component in packages.items():
        bom.register_dependency(component, [packages[n] for n in sorted(needs.get(name, ()))])
    direct = [packages[name] for name in sorted(needs[_SELF])]
    bom.register_dependency(program, [*direct, *carried, *npm])
    return _format(bom, root)


def _read_version(root: Path) -> str:
    text = (root / "generator/__init__.py").read_text(encoding="utf-8")
    return text.partition('__version__ = "')[2].partition('"')[0]


def _list_python(root: Path) -> Iterator[tuple[str, Component]]:
    """The locked packages by name, with their scopes."""
    everything = _read_pins(root / "requirements-dev.txt")
    built = _read_pins(root / "requirements.txt")
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    light = _follow_needs(project["dependencies"], root / "requirements.txt")
    scheduled = _follow_needs(
        project["optional-dependencies"]["scheduler"], root / "requirements-dev.txt"
    )
    faults = []
    for name, version in sorted(everything.items()):
        try:
            installed = metadata.version(name)
        except metadata.PackageNotFoundError:
            installed = ""
        if installed != version:
            faults.append(f"{name} {version} is locked, {installed or 'none'} is installed")
            continue
        scope, extra = ComponentScope.EXCLUDED, "dev"
        if name in scheduled:
            scope, extra = ComponentScope.OPTIONAL, "scheduler"
        if name in built:
            scope, extra = ComponentScope.OPTIONAL, "build"
        if name in light:
            scope, extra = ComponentScope.REQUIRED, ""
        properties = [Property(name="cdx:python:package:required-extra", value=extra)]
        yield (
            name,
            Component(
                name=name,
                version=version,
                type=ComponentType.LIBRARY,
                bom_ref=f"pypi:{name}",
                purl=PackageURL("pypi", None, name, version),
                scope=scope,
                licenses=_read_licence(name),
                properties=properties if extra else (),
            ),
        )
    if faults:
        raise OutdatedError("; ".join(faults))


def _read_pins(lock: Path) -> dict[str, str]:
    found = map(_PINNED.match, lock.read_text(encoding="utf-8").splitlines())
    return {match[1]: match[2] for match in found if match}


def _read_needs(lock: Path) -> dict[str, set[str]]:
    """By package, what it needs: the lock says of each one who wants it."""
    needs: dict[str, set[str]] = {}
    current = ""
    for line in lock.read_text(encoding="utf-8").splitlines():
        if match := _PINNED.match(line):
            current = match[1]
        elif match := _NEEDED_BY.match(line):
            needs.setdefault(match[1], set()).add(current)
    return needs


def _follow_needs(requirements: Iterable[str], lock: Path) -> set[str]:
    """Everything that installing these brings: what they name, and what that needs."""
    needs = _read_needs(lock)
    names = {re.split(r"[<>=\[ ]", line)[0] for line in requirements}
    while further := {n for name in names for n in needs.get(name, ())} - names:
        names |= further
    return names


def _read_licence(name: str) -> list[LicenseExpression | DisjunctiveLicense]:
    """The licence as the package's metadata names it: best an expression, else its words."""
    told = metadata.metadata(name)
    if "License-Expression" in told:
        return [LicenseExpression(told["License-Expression"])]
    classified = [
        line.rpartition(" :: ")[2]
        for line in told.get_all("Classifier") or ()
        if line.startswith("License ::")
    ]
    words = classified or [told["License"].splitlines()[0]]
    return [DisjunctiveLicense(name=word) for word in sorted(set(words))]


def _list_carried(root: Path) -> Iterator[Component]:
    """Files of others that lie in this repository and reach a site."""
    record = tomllib.loads((root / "templates/assets/charts/vendored.toml").read_text("utf-8"))
    for name, entry in record.items():
        yield Component(
            name=name,
            version=entry["version"],
            type=ComponentType.LIBRARY,
            bom_ref=f"carried:{name}",
            purl=PackageURL("npm", None, name, entry["version"]),
            scope=ComponentScope.OPTIONAL,
            licenses=[LicenseExpression(entry["licence"])],
            components=[
                _carried_file(f"templates/assets/charts/{file}", told["sha256"])
                for file, told in entry["files"].items()
            ],
        )
    font = "generator/site/fonts/wqy-microhei.ttc"
    yield Component(
        name="wqy-microhei",
        version="0.2.0-beta",
        type=ComponentType.LIBRARY,
        bom_ref="carried:wqy-microhei",
        description="Chinese font of pictures and documents",
        scope=ComponentScope.OPTIONAL,
        licenses=[LicenseExpression("Apache-2.0")],
        supplier=OrganizationalEntity(name="WenQuanYi"),
        components=[_carried_file(font, hashlib.sha256((root / font).read_bytes()).hexdigest())],
    )


def _carried_file(path: str, sha256: str) -> Component:
    return Component(
        name=path,
        type=ComponentType.FILE,
        bom_ref=f"file:{path}",
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=sha256)],
    )


def _list_npm(root: Path) -> Iterator[Component]:
    """What the checks of scripts and pages install; nothing of it reaches a site."""
    lock = json.loads((root / "package-lock.json").read_text(encoding="utf-8"))
    for path, entry in sorted(lock["packages"].items()):
        if not path:
            continue
        full = path.rpartition("node_modules/")[2]
        group, _, name = full.rpartition("/")
        yield Component(
            name=name,
            group=group or None,
            version=entry["version"],
            type=ComponentType.LIBRARY,
            bom_ref=f"npm:{path.removeprefix('node_modules/')}",
            purl=PackageURL("npm", group or None, name, entry["version"]),
            scope=ComponentScope.EXCLUDED if entry.get("dev") else ComponentScope.OPTIONAL,
            licenses=_npm_licence(entry),
            properties=[Property(name="cdx:npm:package:development", value="true")]
            if entry.get("dev")
            else (),
        )


def _npm_licence(entry: Mapping[str, str]) -> Iterable[DisjunctiveLicense]:
    words = entry.get("license")
    return [DisjunctiveLicense(name=words)] if words else []


def _format(bom: Bom, root: Path) -> str:
    """JSON whose identity follows from its content, and which tells no time."""
    locks = ("requirements-dev.txt", "requirements.txt", "package-lock.json")
    state = "".join(hashlib.sha256((root / name).read_bytes()).hexdigest() for name in locks)
    bom.serial_number = uuid.uuid5(uuid.NAMESPACE_URL, f"{_SELF} {state}")
    document = json.loads(JsonV1Dot6(bom).output_as_string())
    del document["metadata"]["timestamp"]
    document["metadata"].pop("tools", None)
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def main() -> int:
    """Write or check the file; the exit code."""
    try:
        text = make_sbom(ROOT)
    except OutdatedError as fault:
        print(f"装的与锁定的不同，先运行 make：{fault}", file=sys.stderr)
        return 1
    if "--check" in sys.argv:
        same = SBOM.is_file() and SBOM.read_text(encoding="utf-8") == text
        if not same:
            print("sbom.cdx.json 与锁定文件不符，请运行 make sbom。", file=sys.stderr)
        return 0 if same else 1
    SBOM.write_text(text, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
