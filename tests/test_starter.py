"""A new province begins with a project that checks, builds and can be carried on."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from git_dataset import commit_all
from pre_commit.clientlib import load_manifest
from selectolax.lexbor import LexborHTMLParser

from generator.cli import main
from generator.config import read_config
from generator.errors import ConfigError, OutputError
from generator.starter.project import Province, create_project

PROVINCE = Province("河洛省", "410000")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    create_project(tmp_path / "heluo", PROVINCE)
    return tmp_path / "heluo"


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from generator.cli import main; main()", *arguments],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_the_new_project_checks_and_builds_and_names_its_province(project: Path) -> None:
    commit_all(project)
    checked = run(project, "check", "--base", "HEAD")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    built = run(project, "build")
    assert built.returncode == 0, built.stdout + built.stderr
    home = (project / "site/index.html").read_text(encoding="utf-8")
    assert "河洛省环境信息公开" in home
    everything = "".join(
        path.read_text(encoding="utf-8")
        for path in sorted((project / "site").rglob("*.html"))
        if path.parent.name != "dictionary"  # which explains fields by examples
    )
    assert "示例省" not in everything
    assert "演示数据" not in everything
    for page in sorted((project / "site").rglob("*.html")):
        for node in LexborHTMLParser(page.read_bytes()).css("main a[href]"):
            target = (node.attributes["href"] or "").partition("#")[0].partition("?")[0]
            if target and not target.startswith(("http", "tel:")):
                assert (page.parent / target).resolve().is_file(), (page, target)
    assert {path.name for path in project.iterdir()} >= {"site", "datasets", "README.md", ".git"}


def test_what_git_must_not_hold_is_ignored(project: Path) -> None:
    for name in ("keys/online.pem", "site/index.html", "release/1.tar"):
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text("x")
    commit_all(project)
    listed = subprocess.run(
        ["git", "-C", str(project), "ls-files"], capture_output=True, text=True, check=True
    ).stdout
    assert not [line for line in listed.splitlines() if line.startswith(("keys", "site/", "rel"))]


def test_settings_and_continuous_integration_are_sound_yaml(project: Path) -> None:
    config = read_config(project / "mkdocs.yml")
    assert config.province == "河洛省"
    assert not config.demo
    github = yaml.safe_load((project / ".github/workflows/site.yml").read_text("utf-8"))
    steps = [step for job in github["jobs"].values() for step in job["steps"]]
    assert all({"uses", "run"} & set(step) for step in steps)
    gitlab = yaml.safe_load((project / ".gitlab-ci.yml").read_text("utf-8"))
    gitee = [
        yaml.safe_load((project / f".workflow/{name}.yml").read_text("utf-8"))
        for name in ("site", "check")
    ]
    hooks = yaml.safe_load((project / ".pre-commit-config.yaml").read_text("utf-8"))
    commands = [
        *(step.get("run", "") for step in steps),
        *gitlab["check"]["script"],
        *gitlab["site"]["script"],
        *(line for file in gitee for line in file["stages"][0]["steps"][0]["commands"]),
        hooks["repos"][0]["hooks"][0]["entry"],
    ]
    ours = [command.split()[1:] for command in commands if command.startswith("huanjing ")]
    assert len(ours) == 13
    for name, *options in ours:
        offered = main.commands[name].params
        known = {flag for option in offered for flag in option.opts}
        used = {option for option in options if option.startswith("--")}
        assert used <= known, (name, used - known)


def test_only_the_main_branch_ever_publishes(project: Path) -> None:
    github = yaml.safe_load((project / ".github/workflows/site.yml").read_text("utf-8"))
    gitlab = yaml.safe_load((project / ".gitlab-ci.yml").read_text("utf-8"))
    jobs = {f"github {name}": job for name, job in github["jobs"].items()}
    jobs |= {f"gitlab {name}": gitlab[name] for name in ("check", "audit", "site")}
    for name in ("site", "check"):
        file = yaml.safe_load((project / f".workflow/{name}.yml").read_text("utf-8"))
        jobs[f"gitee {name}"] = file
        assert set(file["triggers"]) == {"push" if name == "site" else "pr"}
    publishing = {name for name, job in jobs.items() if "publish.sh" in str(job)}
    assert publishing == {"github site", "gitlab site", "gitee site"}
    assert github["jobs"]["site"]["if"] == "github.event_name == 'push'"
    assert gitlab["site"]["rules"][-1] == {"if": "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH"}


def test_each_service_writes_the_changes_under_the_request_and_keeps_what_a_build_can_reuse(
    project: Path,
) -> None:
    github = (project / ".github/workflows/site.yml").read_text("utf-8")
    gitlab = (project / ".gitlab-ci.yml").read_text("utf-8")
    gitee = (project / ".workflow/check.yml").read_text("utf-8")
    for text, posting in ((github, "gh pr comment"), (gitlab, "/notes"), (gitee, "/comments")):
        assert "huanjing diff" in text
        assert posting in text
    for text in (github, gitlab, (project / ".workflow/site.yml").read_text("utf-8")):
        assert {"site", ".site-cache", "release", "release-history"} <= set(
            re.findall(r"[\w.-]+", text)
        )


def test_a_commit_with_a_wrong_row_is_stopped_before_it_is_made(project: Path) -> None:
    commit_all(project)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

    def hook() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["pre-commit", "run", "--all-files"],
            cwd=project, capture_output=True, text=True, check=False,
            env=os.environ | {"PATH": path},
        )  # fmt: skip

    passed = hook()
    assert passed.returncode == 0, passed.stdout + passed.stderr
    with (project / "datasets/tables/division.csv").open("a", encoding="utf-8") as file:
        file.write("41,洛水市,市\n")
    stopped = hook()
    assert stopped.returncode == 1
    assert "division.csv" in stopped.stdout


def test_other_repositories_may_take_the_check_as_a_hook() -> None:
    (hook,) = load_manifest(Path(__file__).parent.parent / ".pre-commit-hooks.yaml")
    assert hook["id"] == "huanjing-check"
    assert hook["entry"].split()[1] in main.commands
    assert hook["pass_filenames"] is False
    assert re.match(hook["files"], "datasets/tables/noise.csv")
    assert not re.match(hook["files"], "docs/mkdocs.yml")


@pytest.mark.parametrize(
    ("province", "word"),
    [
        (Province("", "410000"), "名"),
        (Province("a: b", "410000"), "名"),
        (Province("河洛省\n", "41"), "六位"),
        (Province("河洛省", "410100"), "0000"),
    ],
)
def test_what_is_no_province_is_refused_and_nothing_written(
    tmp_path: Path, province: Province, word: str
) -> None:
    with pytest.raises(ConfigError, match=word):
        create_project(tmp_path / "new", province)
    assert not (tmp_path / "new").exists()


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(OutputError, match="已经有东西"):
        create_project(tmp_path, PROVINCE)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_the_command_says_what_comes_next(tmp_path: Path) -> None:
    result = CliRunner().invoke(
        main, ["new", str(tmp_path / "p"), "--province", "河洛省", "--code", "410000"]
    )
    assert result.exit_code == 0, result.output
    assert "README.md" in result.output
    assert "河洛省" in (tmp_path / "p/README.md").read_text(encoding="utf-8")


def test_a_province_overrides_one_template_and_one_style_sheet_and_keeps_the_others(
    project: Path,
) -> None:
    own = project / "templates"
    ours = Path(__file__).parent.parent / "templates"
    (own / "pages").mkdir()
    (own / "assets/css").mkdir(parents=True)
    page = (ours / "pages/duty-list.html.jinja").read_text(encoding="utf-8")
    (own / "pages/duty-list.html.jinja").write_text(f"{page}<p>河洛自己的话</p>", encoding="utf-8")
    (own / "assets/css/10-base.css").write_text(".heluo{color:red}", encoding="utf-8")
    (own / "assets/css/99-own.css").write_text(".last{color:red}", encoding="utf-8")
    built = run(project, "build")
    assert built.returncode == 0, built.stdout + built.stderr
    site = project / "site"
    assert "河洛自己的话" in (site / "duty/index.html").read_text(encoding="utf-8")
    assert "河洛自己的话" not in (site / "index.html").read_text(encoding="utf-8")
    style = (site / "assets/site.css").read_text(encoding="utf-8")
    assert ".hj-lead" in (ours / "assets/css/10-base.css").read_text(encoding="utf-8")
    assert ".hj-lead" not in style
    in_order = [style.index(rule) for rule in (".heluo{", ".hj-skip{", "@page", ".last{")]
    assert in_order == sorted(in_order)
    (own / "pages/duty-list.html.jinja").unlink()
    assert run(project, "build").returncode == 0
    assert "河洛自己的话" not in (site / "duty/index.html").read_text(encoding="utf-8")
