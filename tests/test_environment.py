"""environment.yml and pyproject.toml agree, and the library imports only what they name."""

import ast
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
OPTIONAL = {
    "pesq",
    "whisper",
    "cluster",
    "ray",
    "hub",
    "mos",
    "site",
}  # not installed by conda


def conda_dependencies() -> tuple[list[str], list[str]]:
    """What environment.yml asks of conda, and what of pip."""
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    dependencies = environment["dependencies"]
    (pip,) = [entry["pip"] for entry in dependencies if isinstance(entry, dict)]
    return [entry for entry in dependencies if isinstance(entry, str)], pip


def versions(requirements: list[str]) -> dict[str, SpecifierSet]:
    """Package name -> the versions that are asked for; no package twice."""
    parsed = [Requirement(requirement) for requirement in requirements]
    named = {canonicalize_name(requirement.name): requirement.specifier for requirement in parsed}
    twice = sorted(set(named) - {"torch"})  # an extra narrows torch; the narrower one counts
    assert len(parsed) - len(named) <= 1, f"one of {twice} is named twice"
    return named


def imported_modules(folder: Path) -> set[str]:
    """The top-level names of everything that the files under `folder` import."""
    found: set[str] = set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
                found.add(node.module.split(".")[0])
    return found


def test_conda_and_pip_install_the_same_packages_at_the_same_versions():
    _, pip = conda_dependencies()
    assert pip.count("--editable .") == 1
    declared = PROJECT["dependencies"] + [
        entry for name, extra in EXTRAS.items() if name not in OPTIONAL for entry in extra
    ]
    assert versions([entry for entry in pip if entry != "--editable ."]) == versions(declared)


def test_conda_brings_the_python_that_the_package_asks_for():
    conda, _ = conda_dependencies()
    assert versions([entry for entry in conda if entry != "pip"]) == {
        "python": SpecifierSet(PROJECT["requires-python"])
    }


def test_torch_and_torchaudio_are_pinned_in_step():
    named = versions(EXTRAS["lab"])
    assert named["torch"] == named["torchaudio"]
    assert all(specifier.operator == "==" for specifier in named["torch"])
    assert (
        next(iter(named["torch"])).version.removesuffix(".*")
        in versions(PROJECT["dependencies"])["torch"]
    )


def test_the_library_needs_no_torchaudio_and_no_tensorboard():
    core = {canonicalize_name(Requirement(entry).name) for entry in PROJECT["dependencies"]}
    assert not core & {"torchaudio", "tensorboard", "jupyterlab", "ipython"}
    assert "torchaudio" not in imported_modules(ROOT / "ttslib") - {"torchaudio"}


def test_the_extras_are_the_four_that_the_readme_names():
    assert set(EXTRAS) - OPTIONAL == {"lab", "eval", "export", "dev"}


def test_the_library_imports_only_what_is_declared():
    used = ["lab", "eval", "export", *sorted(OPTIONAL)]
    declared = versions(PROJECT["dependencies"] + [e for name in used for e in EXTRAS[name]])
    packages = packages_distributions()
    outside = imported_modules(ROOT / "ttslib") - set(sys.stdlib_module_names) - {"ttslib"}
    assert "torch" in outside
    for module in sorted(outside):
        names = {canonicalize_name(name) for name in packages.get(module, [module])}
        assert names & set(declared), f"ttslib imports {module}, which pyproject.toml doesn't name"


def test_the_lock_fits_the_project_and_names_the_public_index_only():
    packages = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))["package"]
    (ours,) = [package for package in packages if package["name"] == PROJECT["name"]]
    locked = {
        (canonicalize_name(entry["name"]), SpecifierSet(entry.get("specifier", "")))
        for entry in ours["metadata"]["requires-dist"]
    }
    named = PROJECT["dependencies"] + [entry for extra in EXTRAS.values() for entry in extra]
    wanted = [Requirement(entry) for entry in named]
    assert locked == {(canonicalize_name(each.name), each.specifier) for each in wanted}
    sources = {package["source"].get("registry", PROJECT["name"]) for package in packages}
    assert sources == {"https://pypi.org/simple", PROJECT["name"]}
