"""The house rules of ttslib, read off its source: CONTRIBUTING.md draws the floors."""

import ast
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

FLOORS = {
    "config": 0,
    "files": 0,
    "records": 0,
    "audio": 1,
    "text": 1,
    "nn": 1,
    "checkpoints": 1,
    "pages": 1,
    "plots": 1,
    "models": 2,
    "corpora": 2,
    "training": 3,
    "synthesis": 3,
    "evaluation": 3,
    "lab": 4,
    "doctor": 4,
    "cli": 4,
}
BESIDE = {  # the imports along a floor
    "ttslib.evaluation.measures.recognizers": {"synthesis"},  # a listener is kept as a voice is
    "ttslib.evaluation.report": {"synthesis"},
    "ttslib.cli": {"doctor"},
}
GROUND = {"numpy", "torch"}  # what floor 0 may import beside the standard library
FOR_NOTEBOOKS = {"IPython", "ipywidgets", "typer"}  # floor 4 alone
LONGEST_MODULE = 350  # lines that aren't docstrings

STFT = {"stft", "istft", "Spectrogram", "MelSpectrogram", "InverseSpectrogram", "melspectrogram"}
STFT |= {"spectrogram", "inverse_spectrogram", "griffinlim", "ShortTimeFFT"}
STFT_OWNERS = ("torch", "torchaudio", "librosa", "scipy")
UNPICKLERS = {"pickle", "cPickle", "dill", "cloudpickle", "shelve", "marshal"}


def problems(module: str, source: str, *, is_package: bool = False) -> list[str]:
    """All that breaks a rule of the house in one module of ttslib, e.g. "ttslib.audio.mel"."""
    tree = ast.parse(source)
    names = _full_names(tree, module, is_package)
    return [
        *_import_problems(module, tree, is_package),
        *_stft_problems(module, tree, names),
        *_unpickling_problems(tree, names),
        *_device_problems(tree, names),
        *_docstring_problems(tree),
        *_length_problems(tree, source),
    ]


def imported_modules(tree: ast.AST, module: str, is_package: bool) -> Iterator[tuple[int, str]]:
    """(line, full name) of all that is imported, also inside functions, relatively or by name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _base(node, module, is_package)
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(
            ("import_module", "__import__")
        ):
            named = node.args and isinstance(node.args[0], ast.Constant)
            yield node.lineno, str(node.args[0].value) if named else "?"


def _base(node: ast.ImportFrom, module: str, is_package: bool) -> str:
    if not node.level:
        return node.module or ""
    parts = module.split(".")
    parts = parts[: len(parts) - node.level + is_package]
    return ".".join([*parts, *([node.module] if node.module else [])])


def _full_names(tree: ast.AST, module: str, is_package: bool) -> dict[str, str]:
    """What each imported name stands for, e.g. {"F": "torch.nn.functional"}."""
    names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                names[alias.asname or alias.name.split(".")[0]] = (
                    alias.name if alias.asname else alias.name.split(".")[0]
                )
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                names[alias.asname or alias.name] = (
                    f"{_base(node, module, is_package)}.{alias.name}"
                )
    return names


def _written_out(node: ast.AST, names: dict[str, str]) -> str:
    """`F.pad` as "torch.nn.functional.pad"; empty for what isn't a dotted name."""
    if isinstance(node, ast.Attribute):
        owner = _written_out(node.value, names)
        return f"{owner}.{node.attr}" if owner else ""
    return names.get(node.id, node.id) if isinstance(node, ast.Name) else ""


def _import_problems(module: str, tree: ast.AST, is_package: bool) -> Iterator[str]:
    part = module.split(".")[1]
    floor = FLOORS.get(part)
    if floor is None:
        yield f"{part} has no floor: give it one here and in CONTRIBUTING.md"
        return
    for line, imported in imported_modules(tree, module, is_package):
        top, *rest = imported.split(".")
        if top == "?":
            yield f"line {line}: an import whose name isn't written out"
        elif top == "ttslib":
            yield from _floor_problems(module, line, imported, rest)
        elif top in FOR_NOTEBOOKS and floor < 4:
            yield f"line {line}: {top} below floor 4"
        elif top == "matplotlib" and part != "plots":
            yield f"line {line}: matplotlib outside plots"
        elif floor == 0 and top not in GROUND and not _is_standard(top):
            yield f"line {line}: {top} on floor 0"


def _floor_problems(module: str, line: int, imported: str, rest: list[str]) -> Iterator[str]:
    part = module.split(".")[1]
    other = rest[0] if rest else ""
    if other not in FLOORS:  # `import ttslib`, `from ttslib import load_voice`
        yield f"line {line}: import {imported} from its own module, not through the lazy ttslib"
    elif FLOORS[other] > FLOORS[part]:
        yield f"line {line}: {part} imports {other}, which stands above it"
    elif FLOORS[other] == FLOORS[part] and other != part and FLOORS[part] > 0:
        allowed = set().union(*(BESIDE[m] for m in BESIDE if f"{module}.".startswith(f"{m}.")))
        if other not in allowed:
            yield f"line {line}: {part} imports {other}, which stands beside it"


def _is_standard(top: str) -> bool:
    return top in sys.stdlib_module_names


def _stft_problems(module: str, tree: ast.AST, names: dict[str, str]) -> Iterator[str]:
    if module.split(".")[1] == "audio":
        return
    for node in ast.walk(tree):
        if isinstance(node, (ast.Attribute, ast.Name)):
            owner, _, name = _written_out(node, names).rpartition(".")
            foreign = owner.split(".")[0] in STFT_OWNERS
            method = isinstance(node, ast.Attribute) and node.attr in ("stft", "istft")
            if (foreign and (name in STFT or "fft" in owner.split("."))) or method:
                yield f"line {node.lineno}: a spectrum ({owner}.{name}) outside audio/"


def _unpickling_problems(tree: ast.AST, names: dict[str, str]) -> Iterator[str]:
    safe = {id(node.func) for node in ast.walk(tree) if _reads_tensors_alone(node)}
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            tops = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            tops += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if UNPICKLERS & {top.split(".")[0] for top in tops}:
                yield f"line {node.lineno}: {tops[0]} is never used"
        elif isinstance(node, (ast.Attribute, ast.Name)):
            if id(node) not in safe and _written_out(node, names) in ("torch.load", "joblib.load"):
                yield f"line {node.lineno}: {ast.unparse(node)} unpickles"
        elif isinstance(node, ast.keyword) and node.arg == "allow_pickle":
            if not (isinstance(node.value, ast.Constant) and node.value.value is False):
                yield f"line {node.value.lineno}: allow_pickle"


def _reads_tensors_alone(node: ast.AST) -> bool:
    """`torch.load(..., weights_only=True)`, whose unpickler runs no code."""
    return isinstance(node, ast.Call) and any(
        word.arg == "weights_only" and ast.unparse(word.value) == "True" for word in node.keywords
    )


def _device_problems(tree: ast.Module, names: dict[str, str]) -> Iterator[str]:
    """A device may be chosen inside functions only, not when a module is imported."""
    for node in _at_import(tree):
        if isinstance(node, ast.Call):
            called = _written_out(node.func, names)
            moves = isinstance(node.func, ast.Attribute) and node.func.attr in ("to", "cuda")
            if called in ("torch.device", "torch.set_default_device") or moves:
                yield f"line {node.lineno}: a device chosen at import ({ast.unparse(node)})"
        elif isinstance(node, ast.Attribute) and _written_out(node, names).startswith(
            "torch.cuda."
        ):
            yield f"line {node.lineno}: a device asked for at import ({ast.unparse(node)})"


def _at_import(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes that run when the module is imported: class bodies and defaults, not functions."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            defaults = [*child.args.defaults, *filter(None, child.args.kw_defaults)]
            for part in [*defaults, *getattr(child, "decorator_list", [])]:
                yield part
                yield from _at_import(part)
        else:
            yield child
            yield from _at_import(child)


def _docstring_problems(tree: ast.Module) -> Iterator[str]:
    if ast.get_docstring(tree) is None:
        yield "the module has no docstring"
    public = public_names(tree)
    for node in tree.body:
        is_definition = isinstance(node, (ast.FunctionDef, ast.ClassDef))
        if is_definition and node.name in public and ast.get_docstring(node) is None:
            yield f"line {node.lineno}: {node.name} is public and has no docstring"
    defined = {name for node in tree.body for name in _defined(node)}
    for name in sorted(public - defined):
        yield f"__all__ names {name}, which isn't there"


def public_names(tree: ast.Module) -> set[str]:
    """What `__all__` lists."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return set(ast.literal_eval(node.value))
    return set()


def _defined(node: ast.stmt) -> list[str]:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return [node.name]
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return [alias.asname or alias.name for alias in node.names]
    if isinstance(node, ast.Assign):
        return [name.id for name in ast.walk(node) if isinstance(name, ast.Name)]
    return [node.target.id] if isinstance(node, ast.AnnAssign) else []


def _length_problems(tree: ast.Module, source: str) -> Iterator[str]:
    documented = 0
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)):
            if ast.get_docstring(node, clean=False) is not None:
                documented += node.body[0].end_lineno - node.body[0].lineno + 1
    lines = len(source.splitlines()) - documented
    if lines > LONGEST_MODULE:
        yield f"{lines} lines beside the docstrings; {LONGEST_MODULE} are enough for one subject"


def import_graph(sources: dict[str, tuple[str, bool]]) -> dict[str, set[str]]:
    """Which files each file imports, by module name; sources are (text, whether it's a package).

    Imports inside functions and those for type checking count. A name that a package or a module
    defines counts as the file that is named with it.
    """
    return {
        module: {
            found
            for _, name in imported_modules(ast.parse(source), module, is_package)
            if (found := _file_of(name, sources)) and found != module
        }
        for module, (source, is_package) in sources.items()
    }


def _file_of(name: str, sources: dict[str, tuple[str, bool]]) -> str:
    """`ttslib.audio.mel.MelSpectrogram` is in the file ttslib.audio.mel; others' names are ""."""
    while name and name not in sources:
        name = name.rpartition(".")[0]
    return name


def circles(graph: dict[str, set[str]]) -> list[list[str]]:
    """Groups of files each of which imports all the others, by way of the others or directly.

    Files that import nothing that is left, or are imported by nothing that is left, are in no
    circle: take them away until none is left to take.
    """
    left = {module: set(imports) for module, imports in graph.items()}
    while True:
        imported = set().union(*left.values())
        outside = {module for module in left if not left[module] or module not in imported}
        if not outside:
            break
        left = {m: imports - outside for m, imports in left.items() if m not in outside}
    reached = {module: _reached(left, module) for module in left}
    groups = {
        frozenset(other for other in reached[module] if module in reached[other])
        for module in left
        if module in reached[module]
    }
    return sorted(map(sorted, groups))


def _reached(graph: dict[str, set[str]], start: str) -> set[str]:
    """All that is imported by `start`, directly or by way of others."""
    found, ahead = set(), [start]
    while ahead:
        new = graph[ahead.pop()] - found
        found |= new
        ahead += new
    return found


# The library keeps the rules


def modules() -> dict[str, Path]:
    """Every module of ttslib but the lazy `ttslib/__init__.py`, which points at all floors."""
    found = {}
    for path in sorted((ROOT / "ttslib").rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        if name not in ("ttslib", "ttslib.__main__"):
            found[name] = path
    return found


@pytest.mark.parametrize("module", modules())
def test_every_module_keeps_the_rules(module):
    path = modules()[module]
    source = path.read_text(encoding="utf-8")
    found = problems(module, source, is_package=path.name == "__init__.py")
    assert not found, "\n".join([f"{path.relative_to(ROOT)}:", *found])


def test_no_file_imports_itself_by_way_of_others():
    sources = {
        module: (path.read_text(encoding="utf-8"), path.name == "__init__.py")
        for module, path in modules().items()
    }
    graph = import_graph(sources)
    assert sum(map(len, graph.values())) > len(graph)  # the imports were seen
    assert not circles(graph), "\n".join(" <-> ".join(circle) for circle in circles(graph))


def test_enough_was_looked_at():
    names = set(modules())
    packages = {f"ttslib.{path.parent.name}" for path in (ROOT / "ttslib").glob("*/__init__.py")}
    assert packages <= names
    assert {f"ttslib.{part}" for part in ("config", "records", "files", "plots", "lab")} <= names
    assert len(names) >= max(10, 2 * len(packages))


def test_the_lazy_top_imports_nothing_heavy_when_it_is_imported():
    path = ROOT / "ttslib" / "__init__.py"
    if not path.exists():
        pytest.skip("there is no ttslib/__init__.py")
    tree = ast.parse(path.read_text(encoding="utf-8"))
    at_once = [node for node in _at_import(tree) if isinstance(node, (ast.Import, ast.ImportFrom))]
    typing_only = [
        node
        for guard in tree.body
        if isinstance(guard, ast.If) and "TYPE_CHECKING" in ast.unparse(guard.test)
        for node in ast.walk(guard)
    ]
    for node in at_once:
        named = node.module if isinstance(node, ast.ImportFrom) else node.names[0].name
        light = _is_standard((named or "").split(".")[0]) or named == "lazy_loader"
        assert node in typing_only or light, ast.unparse(node)


# Each rule bites


@pytest.mark.parametrize(
    ("module", "source", "complaint"),
    [
        # upwards, in every way of importing
        ("ttslib.audio.mel", "import ttslib.models.tacotron2", "stands above"),
        ("ttslib.audio.mel", "from ttslib.models.tacotron2 import Tacotron2", "stands above"),
        ("ttslib.audio.mel", "from ttslib import models", "stands above"),
        ("ttslib.audio.mel", "from ..models import tacotron2", "stands above"),
        ("ttslib.audio.mel", "def f():\n    from ttslib import cli", "stands above"),
        ("ttslib.audio.mel", "if TYPE_CHECKING:\n    import ttslib.lab", "stands above"),
        ("ttslib.audio.mel", "import_module('ttslib.models')", "stands above"),
        ("ttslib.audio.mel", "import importlib\nimportlib.import_module(x)", "isn't written out"),
        ("ttslib.config", "from ttslib.audio import mel", "stands above"),
        ("ttslib.plots", "import ttslib.training", "stands above"),
        ("ttslib.files", "from ttslib.pages import write_html", "stands above"),
        # sideways
        ("ttslib.audio.mel", "from ttslib.text import tokenizers", "stands beside"),
        ("ttslib.training.loop", "import ttslib.synthesis.voices", "stands beside"),
        ("ttslib.evaluation.measures.cepstrum", "import ttslib.synthesis", "stands beside"),
        ("ttslib.evaluation.measures.intelligibility", "import ttslib.synthesis", "stands beside"),
        ("ttslib.cli.main", "from ttslib.lab import play", "stands beside"),
        ("ttslib.doctor", "from ttslib.cli.main import main", "stands beside"),
        # through the top
        ("ttslib.training.loop", "from ttslib import load_voice", "lazy ttslib"),
        ("ttslib.training.loop", "import ttslib", "lazy ttslib"),
        ("ttslib.helpers", "", "has no floor"),
        # other people's packages
        ("ttslib.training.loop", "from IPython.display import display", "IPython below"),
        ("ttslib.synthesis.voices", "import ipywidgets as w", "ipywidgets below"),
        ("ttslib.plots", "def f():\n    import typer", "typer below"),
        ("ttslib.lab.players", "import matplotlib.pyplot as plt", "outside plots"),
        ("ttslib.audio.mel", "from matplotlib.figure import Figure", "outside plots"),
        ("ttslib.records", "import librosa", "on floor 0"),
        ("ttslib.files", "import joblib", "on floor 0"),
        # spectra
        ("ttslib.models.hifigan", "import torch\ntorch.stft(x, 4)", "a spectrum"),
        ("ttslib.models.hifigan", "from torch import stft as s\ns(x)", "a spectrum"),
        ("ttslib.models.hifigan", "def f(x):\n    return x.stft(4)", "a spectrum"),
        ("ttslib.evaluation.measures.pitch", "import librosa\nlibrosa.stft(x)", "a spectrum"),
        (
            "ttslib.evaluation.measures.pitch",
            "import librosa as l\nl.feature.melspectrogram",
            "a spectrum",
        ),
        (
            "ttslib.plots",
            "from torchaudio.transforms import Spectrogram as S\nS",
            "a spectrum",
        ),
        ("ttslib.plots", "import torchaudio.transforms as T\nT.MelSpectrogram()", "a spectrum"),
        ("ttslib.training.losses", "import torch\ntorch.fft.rfft(x)", "a spectrum"),
        # devices
        ("ttslib.models.a", "import torch\nDEVICE = torch.device('cpu')", "a device"),
        ("ttslib.models.a", "from torch import device\nD = device('cuda')", "a device"),
        ("ttslib.models.a", "import torch\nX = torch.zeros(3).to('cuda')", "a device"),
        ("ttslib.models.a", "import torch\nX = torch.zeros(3).cuda()", "a device"),
        ("ttslib.models.a", "import torch\nON = torch.cuda.is_available()", "a device"),
        ("ttslib.models.a", "import torch\ntorch.set_default_device('cuda')", "a device"),
        ("ttslib.models.a", "import torch\nclass A:\n    d = torch.device('cpu')", "a device"),
        ("ttslib.models.a", "import torch\ndef f(d=torch.device('cpu')): pass", "a device"),
        ("ttslib.models.a", "import torch\nif 1:\n    torch.device('cpu')", "a device"),
        # pickles
        ("ttslib.checkpoints", "import pickle", "never used"),
        ("ttslib.checkpoints", "def f():\n    from pickle import loads", "never used"),
        ("ttslib.checkpoints", "import torch\ntorch.load(path)", "unpickles"),
        ("ttslib.checkpoints", "from torch import load\nload(path)", "unpickles"),
        ("ttslib.checkpoints", "import torch\ntorch.load(p, weights_only=False)", "unpickles"),
        ("ttslib.checkpoints", "import numpy as np\nnp.load(p, allow_pickle=True)", "allow_pickle"),
        ("ttslib.checkpoints", "import numpy as np\nnp.load(p, allow_pickle=flag)", "allow_pickle"),
        # docstrings and length
        ("ttslib.audio.mel", "x = 1", "module has no docstring"),
        ("ttslib.audio.mel", "__all__ = ['f']\ndef f(): pass", "f is public"),
        ("ttslib.audio.mel", "__all__ = ['A']\nclass A: pass", "A is public"),
        ("ttslib.audio.mel", "__all__ = ['gone']", "isn't there"),
        ("ttslib.audio.mel", "x = 1\n" * 351, "351 lines"),
    ],
)
def test_a_broken_rule_is_found(module, source, complaint):
    assert any(complaint in problem for problem in problems(module, source))


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("ttslib.lab.players", "import ipywidgets\nfrom ttslib.training import loop"),
        (
            "ttslib.cli.main",
            "def f():\n    import typer\n    from ttslib.training.loop import train",
        ),
        ("ttslib.evaluation.report.report", "from ttslib.synthesis import Synthesizer"),
        ("ttslib.evaluation.measures.recognizers", "from ttslib.synthesis import voices"),
        ("ttslib.files", "import os\nfrom ttslib.config import AudioConfig"),
        ("ttslib.cli.main", "def f():\n    from ttslib.doctor import check_environment"),
        ("ttslib.audio.mel", "import torch\nfrom ttslib.audio import files\ntorch.stft(x, 4)"),
        ("ttslib.audio.mel", "from . import files\nfrom ..config import AudioConfig"),
        ("ttslib.records", "import torch\nfrom pathlib import Path\nfrom ttslib.config import a"),
        ("ttslib.plots", "from matplotlib.figure import Figure\nimport librosa"),
        ("ttslib.models.a", "import torch\ndef f(x):\n    return x.to(torch.device('cpu'))"),
        ("ttslib.models.a", "from ttslib.audio import MelSpectrogram\nMelSpectrogram()"),
        ("ttslib.training.data.features", "import numpy as np\nnp.load(path, allow_pickle=False)"),
        ("ttslib.audio.mel", "__all__ = ['f', 'X']\nX = 1\ndef f():\n    '''Do.'''"),
        ("ttslib.audio.mel", "def f():\n    '''\n" + "    long\n" * 400 + "    '''"),
    ],
)
def test_what_is_allowed_is_let_be(module, source):
    assert problems(module, f'"""A module."""\n{source}') == []


def test_a_package_reads_its_relative_imports_from_itself():
    source = '"""A package."""\nfrom .mel import MelSpectrogram\nfrom ..config import AudioConfig'
    assert problems("ttslib.audio", source, is_package=True) == []


@pytest.mark.parametrize("package", ["ttslib", "ttslib.plots"])
def test_lazy_names_are_those_that_type_checkers_see(package):
    path = ROOT.joinpath(*package.split("."), "__init__.py")
    tree = ast.parse(path.read_text(encoding="utf-8"))
    (guard,) = (node for node in tree.body if isinstance(node, ast.If))
    seen = {alias.name for node in guard.body for alias in node.names}
    exported = set(import_module(package).__all__)
    assert exported == seen
    assert all(getattr(import_module(package), name) is not None for name in exported)


@pytest.mark.parametrize(
    "back",
    [
        "import ttslib.nn.a",
        "from ttslib.nn.a import A",
        "from ttslib.nn import a",
        "from . import a",
        "from .a import A",
        "def f():\n    from ttslib.nn.a import A",
        "if TYPE_CHECKING:\n    from ttslib.nn.a import A",
        "import_module('ttslib.nn.a')",
        "from ttslib.nn.c import C",  # by way of a third
    ],
)
def test_a_circle_is_found(back):
    sources = {
        "ttslib.nn": ("", True),
        "ttslib.nn.a": ("from ttslib.nn.b import B", False),
        "ttslib.nn.b": (back, False),
        "ttslib.nn.c": ("from ttslib.nn.a import A", False),
        "ttslib.nn.user": ("import ttslib.nn.a\nimport ttslib.nn.b", False),
    }
    (circle,) = circles(import_graph(sources))
    assert {"ttslib.nn.a", "ttslib.nn.b"} <= set(circle) <= {f"ttslib.nn.{n}" for n in "abc"}


def test_a_package_and_its_file_can_be_a_circle():
    sources = {
        "ttslib.nn": ("from ttslib.nn.a import A", True),
        "ttslib.nn.a": ("from ttslib.nn import A", False),
    }
    assert circles(import_graph(sources)) == [["ttslib.nn", "ttslib.nn.a"]]


def test_two_circles_that_meet_nowhere_are_told_apart():
    graph = {"a": {"b"}, "b": {"a", "c"}, "c": {"d"}, "d": {"c"}, "e": {"a"}}
    assert circles(graph) == [["a", "b"], ["c", "d"]]


def test_imports_that_only_go_down_are_no_circle():
    sources = {
        "ttslib.nn.a": ("from ttslib.nn.b import B\nfrom ttslib.nn.c import C", False),
        "ttslib.nn.b": ("from ttslib.nn.c import C\nimport torch", False),
        "ttslib.nn.c": ("import math", False),
    }
    assert circles(import_graph(sources)) == []
