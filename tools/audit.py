"""Asks the advisory databases about every locked dependency; says plainly when they do not answer.

    python tools/audit.py               # findings end with 1; no answer is told and ends with 0
    python tools/audit.py --must-reach  # no answer ends with 2

pip-audit asks PyPI, npm audit its registry. Inside a network that lets only packages through, both
may fail or, worse, find nothing because nothing could be asked: that is told apart here.

Source: docs/adr/0037-materials.md
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TIME_LIMIT_S = 300


@dataclass(frozen=True, slots=True)
class Answer:
    """What a database said about the dependencies of one kind."""

    asked: int
    """Dependencies that it could be asked about; 0 where it did not answer."""
    findings: tuple[str, ...]
    silence: str = ""
    """Why nothing, or not everything, could be asked."""


def read_pip_audit(output: str) -> Answer:
    """What `pip-audit --format json` printed."""
    try:
        dependencies = json.loads(output)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return Answer(0, (), _last_line(output) or "没有回答")
    known = [entry for entry in dependencies if "skip_reason" not in entry]
    skipped = len(dependencies) - len(known)
    findings = tuple(
        f"{entry['name']} {entry['version']}：{flaw['id']}，改正于 "
        f"{'、'.join(flaw['fix_versions']) or '尚无'}"
        for entry in known
        for flaw in entry["vulns"]
    )
    return Answer(len(known), findings, f"{skipped} 个包没有查到记录" if skipped else "")


def read_npm_audit(output: str) -> Answer:
    """What `npm audit --json` printed."""
    try:
        document = json.loads(output)
    except ValueError:
        return Answer(0, (), _last_line(output) or "没有回答")
    if "vulnerabilities" not in document:
        return Answer(0, (), str(document.get("message") or "没有回答"))
    flaws = document["vulnerabilities"]
    asked = int(document["metadata"]["dependencies"]["total"])
    findings = tuple(
        f"{name}：{entry['severity']}，范围 {entry['range']}"
        for name, entry in sorted(flaws.items())
    )
    return Answer(asked, findings)


def judge(answers: Sequence[tuple[str, Answer]], *, must_reach: bool) -> tuple[int, str]:
    """The exit code, and what to print."""
    lines = []
    for title, answer in answers:
        if not answer.asked:
            lines.append(f"{title}：查不到漏洞库，这一次没有审计。原因：{answer.silence}")
            continue
        left = f"；{answer.silence}" if answer.silence else ""
        lines.append(f"{title}：查了 {answer.asked} 个，发现 {len(answer.findings)} 个{left}。")
        lines += [f"  {finding}" for finding in answer.findings]
    if any(answer.findings for _, answer in answers):
        code = 1
    elif must_reach and not all(answer.asked for _, answer in answers):
        code = 2
    else:
        code = 0
    return code, "\n".join(lines)


def _last_line(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip(' {}[]",:')]
    return lines[-1][:200] if lines else ""


def _run(command: Sequence[str]) -> str:
    if shutil.which(command[0]) is None:
        return f"没有 {command[0]} 命令"
    try:
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=TIME_LIMIT_S
        )
    except subprocess.TimeoutExpired:
        return f"{TIME_LIMIT_S} 秒没有回答"
    return done.stdout or done.stderr


def main() -> int:
    """Ask both and print; the exit code."""
    lock = ("--requirement", "requirements-dev.txt", "--disable-pip", "--no-deps")
    code, text = judge(
        (
            (
                "Python",
                read_pip_audit(
                    _run((sys.executable, "-m", "pip_audit", "--format", "json", *lock))
                ),
            ),
            ("npm", read_npm_audit(_run(("npm", "audit", "--json")))),
        ),
        must_reach="--must-reach" in sys.argv,
    )
    print(text)
    return code


if __name__ == "__main__":
    sys.exit(main())
