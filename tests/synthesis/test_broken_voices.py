"""A voice whose file was damaged at random is refused in one line, or speaks; it never hangs."""

import copy
import json
import random

import pytest
import torch
from safetensors.torch import load_file, save
from test_voices import checkpoint

from ttslib.checkpoints import save_checkpoint
from ttslib.synthesis.voices import load_voice

ROUNDS = 60
pytestmark = pytest.mark.filterwarnings("ignore:Initializing zero-element")
ODD = (
    None, "", "a", "\x1b[2J\n", -1, 0, 1, 3, 4096, 10**6, 10**9, 2**63, -(2**70), 0.5, 1e308,
    float("nan"), float("inf"), True, [], {}, [[[]]], {"a": {}}, ["a"] * 50, "\0", "x" * 5000,
)  # fmt: skip


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    path = tmp_path_factory.mktemp("whole") / "voice.safetensors"
    save_checkpoint(path, checkpoint())
    return path


def require_one_line(path):
    """Load a voice; whatever it says must be one printable line that begins with the path."""
    resource = pytest.importorskip("resource")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        load_voice(path, vocoder="griffin-lim")
    except ValueError as error:
        message = str(error)
        assert message.startswith(str(path)), message
        assert message.isprintable(), message
        assert len(message) < len(str(path)) + 400, message
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300_000  # kilobytes


def places(value, path=()):
    """Return where every value within nested lists and objects is."""
    found = [path] if path else []
    if isinstance(value, (dict, list)):
        for key, child in value.items() if isinstance(value, dict) else enumerate(value):
            found += places(child, (*path, key))
    return found


def test_any_byte_may_be_wrong(whole, tmp_path):
    data = whole.read_bytes()
    header = int.from_bytes(data[:8], "little")
    path = tmp_path / "bytes.safetensors"
    for seed in range(ROUNDS):
        dice = random.Random(seed)
        damaged = bytearray(data)
        for _ in range(dice.choice((1, 1, 5))):
            place = dice.randrange(8 if seed % 10 == 0 else 8 + header)
            damaged[place] = dice.randrange(256)
        if seed % 7 == 0:
            del damaged[dice.randrange(len(damaged)) :]
        path.write_bytes(damaged)
        require_one_line(path)


def test_any_setting_may_be_wrong(whole, tmp_path):
    tensors, settings = load_file(whole), settings_of(whole)
    path = tmp_path / "settings.safetensors"
    everywhere = [p for p in places(settings) if p[:2] != ("tokenizer", "symbols") or p[-1] == 3]
    for seed in range(ROUNDS):
        dice = random.Random(seed)
        damaged = copy.deepcopy(settings)
        *above, last = dice.choice(everywhere)
        parent = damaged
        for key in above:
            parent = parent[key]
        if seed % 5 == 0 and isinstance(parent, dict):
            del parent[last]
        else:
            parent[last] = dice.choice(ODD)
        metadata = {"ttslib": "1", "settings": json.dumps(damaged)}
        path.write_bytes(save(tensors, metadata))
        require_one_line(path)


def test_any_tensor_may_be_wrong(whole, tmp_path):
    tensors, settings = load_file(whole), settings_of(whole)
    path = tmp_path / "tensors.safetensors"
    for seed in range(ROUNDS):
        dice = random.Random(seed)
        damaged = dict(tensors)
        name = dice.choice(sorted(tensors))
        tensor = damaged.pop(name)
        match seed % 6:
            case 0:
                damaged[name] = tensor.flatten()[: max(1, tensor.numel() // 2)].clone()
            case 1:
                damaged[name] = torch.full_like(tensor, dice.choice((0, 1)))
            case 2 if tensor.is_floating_point():
                damaged[name] = torch.full_like(tensor, dice.choice((float("nan"), float("inf"))))
            case 3:
                damaged[name] = tensor.to(dice.choice((torch.int8, torch.bool, torch.float64)))
            case 4:
                damaged[dice.choice(("wings.a", f"{name}.more", "statistics.", "."))] = tensor
        path.write_bytes(save(damaged, {"ttslib": "1", "settings": json.dumps(settings)}))
        require_one_line(path)


def settings_of(path):
    data = path.read_bytes()
    header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    return json.loads(header["__metadata__"]["settings"])
