"""What a developer and the build machine run; ``nox`` alone passes the tests.

Works with uv and with plain pip. Each session has an environment of its own, pinned by
``constraints.txt``; ``nox -s pins`` renews the pins.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import nox
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

nox.needs_version = ">=2025.2.9"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.sessions = ["lint", "typing", "imports", "tests", "kernel", "isolated"]
nox.options.error_on_missing_interpreters = True

ROOT = Path(__file__).parent
CONSTRAINTS = ROOT / "constraints.txt"
WORKSPACE = nox.project.load_toml(ROOT / "pyproject.toml")

# Without byte code every process compiles what it imports anew.
os.environ["UV_COMPILE_BYTECODE"] = "1"
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
for installer in ("UV", "PIP"):
    os.environ[f"{installer}_BUILD_CONSTRAINT"] = str(CONSTRAINTS)


def read_project(folder: Path) -> dict[str, Any]:
    """Return the ``[project]`` table of a distribution."""
    project: dict[str, Any] = nox.project.load_toml(folder / "pyproject.toml")["project"]
    return project


def find_distributions() -> dict[str, Path]:
    """Return the folder of every distribution of the workspace, by name, the kernel first."""
    members = WORKSPACE["tool"]["uv"]["workspace"]
    excluded = {ROOT / path for path in members["exclude"]}
    folders = [path for pattern in members["members"] for path in sorted(ROOT.glob(pattern))]
    return {
        read_project(folder)["name"]: folder
        for folder in folders
        if folder not in excluded and (folder / "pyproject.toml").exists()
    }


DISTRIBUTIONS = find_distributions()
PARTS = [name for name in DISTRIBUTIONS if name != "plugwork"]


def with_siblings(*wanted: str) -> dict[str, set[str]]:
    """Return the distributions of ours that these requirements bring, each with its extras."""
    found: dict[str, set[str]] = {}
    queue = [Requirement(text) for text in wanted]
    while queue:
        requirement = queue.pop()
        name = canonicalize_name(requirement.name)
        if name not in DISTRIBUTIONS or (name in found and requirement.extras <= found[name]):
            continue
        found.setdefault(name, set()).update(requirement.extras)
        project = read_project(DISTRIBUTIONS[name])
        needs = list(project.get("dependencies", []))
        for extra in requirement.extras:
            needs += project["optional-dependencies"][extra]
        queue += [Requirement(text) for text in needs]
    return found


def group(name: str) -> list[str]:
    """Return the requirements of a dependency group of the workspace."""
    return list(nox.project.dependency_groups(WORKSPACE, name))


def own_test_group(part: str) -> list[str]:
    """Return what a distribution's tests need besides, as its dependency group ``test`` says."""
    project = nox.project.load_toml(DISTRIBUTIONS[part] / "pyproject.toml")
    if "dependency-groups" not in project:
        return []
    return list(nox.project.dependency_groups(project, "test"))


def editable(*wanted: str) -> list[str]:
    """Return the installer's arguments for these and what they need of ours, editable."""
    words: list[str] = []
    for name, extras in with_siblings(*wanted).items():
        suffix = f"[{','.join(sorted(extras))}]" if extras else ""
        words += ["-e", f"{DISTRIBUTIONS[name]}{suffix}"]
    return words


def everything() -> list[str]:
    """Return the installer's arguments for all distributions with all their extras, editable."""
    extras = {
        name: ",".join(read_project(folder).get("optional-dependencies", {}))
        for name, folder in DISTRIBUTIONS.items()
    }
    return editable(*(f"{name}[{wanted}]" for name, wanted in extras.items()))


def install(session: nox.Session, *requirements: str) -> None:
    """Install under the workspace's pins."""
    session.install("-c", str(CONSTRAINTS), *requirements)


def check_ours(session: nox.Session, expected: Iterable[str]) -> None:
    """Fail unless exactly these distributions of ours are installed."""
    code = (
        "import sys; from importlib.metadata import distributions;"
        "ours = {d.name for d in distributions() if d.name.partition('-')[0] == 'plugwork'};"
        "sys.exit(ours != set(sys.argv[1:]) and f'installed of ours: {sorted(ours)}')"
    )
    session.run("python", "-c", code, *expected)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and format; ``nox -s lint -- --fix`` mends what can be mended."""
    install(session, *group("lint"))
    if "--fix" in session.posargs:
        session.run("ruff", "check", "--fix", ".")
        session.run("ruff", "format", ".")
    else:
        session.run("ruff", "check", ".")
        session.run("ruff", "format", "--check", ".")


@nox.session
def typing(session: nox.Session) -> None:
    """Check the types of every source tree, strictly."""
    install(session, *everything(), *group("typing"), *group("nox"), *group("test"))
    sources = [str(folder / "src") for folder in DISTRIBUTIONS.values()]
    scripts = ["tests/bench", "noxfile.py", "contrib/plugin-template/render.py"]
    session.run("mypy", *(session.posargs or [*sources, *scripts]))


@nox.session
def imports(session: nox.Session) -> None:
    """Check that the imports follow the architecture."""
    install(session, *everything(), *group("imports"))
    session.run("lint-imports", "--no-cache", *session.posargs)


@nox.session
def tests(session: nox.Session) -> None:
    """Run every test, everything installed; ``nox -s tests -- core/tests -k name`` narrows."""
    install(session, *everything(), *group("workspace"))
    session.run("pytest", *session.posargs)


@nox.session
def kernel(session: nox.Session) -> None:
    """Run the kernel's tests with nothing of ours but the kernel installed."""
    install(session, *editable("plugwork"), *group("test"))
    check_ours(session, ["plugwork"])
    session.run("pytest", "core/tests", "-m", "not needs_plugins", *session.posargs)


@nox.session
@nox.parametrize("part", [nox.param(name, id=name.removeprefix("plugwork-")) for name in PARTS])
def isolated(session: nox.Session, part: str) -> None:
    """Run one distribution's tests with only what it declares and the testkit installed."""
    declared = own_test_group(part)
    wanted = [part, "plugwork-testkit", *declared]
    # pip must not look for ours in an index: there they are strangers, or not at all.
    theirs = [text for text in declared if not with_siblings(text)]
    install(session, *editable(*wanted), *theirs, *group("test"))
    check_ours(session, with_siblings(*wanted))
    session.run("pytest", str(DISTRIBUTIONS[part] / "tests"), *session.posargs)


@nox.session
def coverage(session: nox.Session) -> None:
    """Run every test and tell which lines and branches no test reaches."""
    install(session, *everything(), *group("workspace"))
    session.run("coverage", "erase")
    session.run("coverage", "run", "-m", "pytest", *session.posargs)
    session.run("coverage", "combine", "--quiet")
    session.run("coverage", "report")


@nox.session
def wheels(session: nox.Session) -> None:
    """Build every distribution into ``dist/``, each wheel from its source distribution."""
    install(session, *group("build"))
    shutil.rmtree(ROOT / "dist", ignore_errors=True)
    for folder in DISTRIBUTIONS.values():
        session.run("python", "-m", "build", "--no-isolation", "-o", "dist", str(folder))


@nox.session(requires=["wheels"])
def build(session: nox.Session) -> None:
    """Install ``plugwork[local]`` from freshly built wheels and run a small pipeline with it."""
    work = Path(session.create_tmp())
    ours = work / "ours.txt"
    lines = [
        f"{canonicalize_name(wheel.name.partition('-')[0])} @ {wheel.as_uri()}\n"
        for wheel in (ROOT / "dist").glob("*.whl")
    ]
    ours.write_text("".join(lines))
    install(session, "-c", str(ours), "plugwork[local]")
    check_ours(session, with_siblings("plugwork[local]"))
    session.chdir(work)
    shutil.copy(ROOT / "tests" / "pipelines" / "tiny.py", "tiny.py")
    session.env["PLUGWORK_HOME"] = None
    session.run("plugwork", "version")
    session.run("plugwork", "run", "tiny.py")
    session.run("plugwork", "runs", "list")


def try_outside_plugins(session: nox.Session) -> None:
    """Install what outsiders write as they would, not editable, and let it pass its own tests."""
    local = editable("plugwork[local]", "plugwork-testkit", "plugwork-environment-audit")
    install(session, *local, *group("test"), *group("lint"), *group("typing"))
    install(session, str(ROOT / "contrib" / "example-plugin"))
    session.run("pytest", "contrib/example-plugin", "tests/test_swapping.py")
    script = ROOT / "contrib" / "plugin-template" / "render.py"
    # Lines are as long as the name makes them, so a long name is tried, too.
    for name in ("shed", "acme-object-store-of-ours"):
        folder = Path(session.create_tmp()) / f"plugwork-{name}"
        shutil.rmtree(folder, ignore_errors=True)
        session.run("python", str(script), name, str(folder))
        install(session, str(folder))
        with session.chdir(folder):
            session.run("ruff", "check", ".")
            session.run("ruff", "format", "--check", ".")
            session.run("mypy", "src", "tests")
            session.run("pytest")
    session.run("plugwork", "plugins", "doctor")


@nox.session
def templates(session: nox.Session) -> None:
    """Try the template and the example of an outside plugin; with plain pip right after."""
    try_outside_plugins(session)
    session.notify("templates-pip")


@nox.session(name="templates-pip", venv_backend="virtualenv")
def templates_pip(session: nox.Session) -> None:
    """Try the template and the example of an outside plugin, installed by plain pip."""
    try_outside_plugins(session)


@nox.session
def demo(session: nox.Session) -> None:
    """Audit this session's Python environment; the results are in ``demo-results/``."""
    install(session, *editable("plugwork[local,terminal]", "plugwork-environment-audit"))
    target = "plugwork_environment_audit.definitions"
    output = f"ops.summary.config.output_dir={ROOT / 'demo-results'}"
    # The plugwork.yaml there names the components: change a line, and run again.
    session.chdir(DISTRIBUTIONS["plugwork-environment-audit"])
    session.env["PLUGWORK_HOME"] = None
    # The audit's last step logs its summary, which lines show and the live tree does not.
    lines = ["-v", "--progress", "lines"]
    session.run("plugwork", "run", target, "--set", output, *lines, *session.posargs)


@nox.session
def reference(session: nox.Session) -> None:
    """Install what ``bench`` measures beside plugwork, away from everything of ours."""
    session.install("-r", str(ROOT / "tests" / "bench" / "requirements-reference.txt"))


@nox.session(requires=["reference"])
def bench(session: nox.Session) -> None:
    """Measure plugwork beside the reference; ``nox -s bench -- import chain --quick`` narrows."""
    install(session, *editable("plugwork[local]"))
    sources = [str(DISTRIBUTIONS[name] / "src") for name in with_siblings("plugwork[local]")]
    session.run("python", "-m", "compileall", "-q", *sources, silent=True)
    home = Path(session.virtualenv.location)
    python = Path(session.bin).relative_to(home) / "python"
    session.run(
        "python", "-m", "bench", *session.posargs, "--reference",
        str(home.with_name("reference") / python), env={"PYTHONPATH": str(ROOT / "tests")},
    )  # fmt: skip


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation into ``site/``."""
    install(session, *everything(), *group("docs"))
    session.run("zensical", "build", "--strict", "--clean", *session.posargs)


@nox.session
def changelog(session: nox.Session) -> None:
    """Gather the change notes: ``nox -s changelog -- 0.2.0``, or ``-- --draft`` to only look."""
    install(session, *group("changelog"))
    words = ["--draft", "--version=unreleased"]
    if session.posargs != ["--draft"]:
        words = ["--yes", f"--version={session.posargs[0]}"]
    for name, folder in DISTRIBUTIONS.items():
        session.run(
            "towncrier", "build", "--config=pyproject.toml", f"--dir={folder}", f"--name={name}",
            *words,
        )  # fmt: skip


@nox.session(venv_backend="none")
def pins(session: nox.Session) -> None:
    """Renew ``constraints.txt`` for every supported Python; needs uv."""
    files = [str(folder / "pyproject.toml") for folder in DISTRIBUTIONS.values()]
    ours = [word for name in DISTRIBUTIONS for word in ("--no-emit-package", name)]
    session.run(
        "uv", "pip", "compile", "--quiet", "--universal", "--python-version=3.11", "--upgrade",
        "--all-extras", "--no-header", "--no-annotate", "--no-emit-index-url",
        "--no-emit-find-links", "--group=dev", "--group=docs", "--group=changelog",
        *ours, "--output-file=constraints.txt", *files, *session.posargs, external=True,
        env={"UV_BUILD_CONSTRAINT": None},
    )  # fmt: skip


@nox.session(venv_backend="none")
def dev(session: nox.Session) -> None:
    """Prepare ``.venv`` with everything: all distributions editable, all tools."""
    python = str(ROOT / ".venv" / ("Scripts" if os.name == "nt" else "bin") / "python")
    packages = ["-c", str(CONSTRAINTS), *everything(), *group("dev")]
    uv = shutil.which("uv")
    if uv:
        session.run(uv, "venv", "--quiet", "--allow-existing", "--python", sys.executable, ".venv")
        session.run(uv, "pip", "install", "--python", python, *packages)
    else:
        session.run(sys.executable, "-m", "virtualenv", "--quiet", ".venv")
        session.run(python, "-m", "pip", "install", *packages, external=True)
