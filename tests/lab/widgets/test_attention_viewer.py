import pytest
import torch

from ttslib.lab import AttentionViewer

TOKENS = ["AH0", "B", " ", "K", "~"]
ALIGNMENT = torch.softmax(
    -2 * (torch.arange(5) - torch.linspace(0, 4, 20)[:, None]).abs(), dim=1
)  # (T, N)
MEL = torch.randn(80, 20, generator=torch.Generator().manual_seed(0)) - 5


def parts(viewer):
    (_, slider), told, image = viewer.children[0].children, *viewer.children[1:]
    return slider, told, image


def test_each_frame_shows_its_own_weights():
    viewer = AttentionViewer(ALIGNMENT, MEL, TOKENS)
    slider, told, image = parts(viewer)
    assert slider.max == 19
    assert "<code>AH0</code>" in told.value
    first = image.value
    assert bytes(first).startswith(b"\x89PNG")
    slider.value = 19
    assert "<code>~</code>" in told.value
    assert "token 4" in told.value
    assert image.value != first


def test_only_the_mel_up_to_the_frame_is_seen():
    viewer = AttentionViewer(ALIGNMENT, MEL, TOKENS)
    slider, _, _ = parts(viewer)
    bars, mel = viewer._picture.axes
    slider.value = 9
    blank = mel.patches[0]
    assert blank.get_x() == pytest.approx(10 * 256 / 24_000)
    assert blank.get_x() + blank.get_width() == pytest.approx(20 * 256 / 24_000)
    assert [bar.get_height() for bar in bars.patches] == pytest.approx(ALIGNMENT[9].tolist())


def test_readers_without_a_kernel_see_all_frames():
    bundle = AttentionViewer(ALIGNMENT, MEL, TOKENS)._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert '<img alt="mel and alignment" src="data:image/png;base64,' in bundle["text/html"]


def test_models_outputs_are_taken_as_they_are():
    AttentionViewer(ALIGNMENT.clone().requires_grad_(), MEL.to(torch.bfloat16), TOKENS)


@pytest.mark.parametrize(
    ("alignment", "mel", "tokens", "complaint"),
    [
        (ALIGNMENT[None], MEL, TOKENS, "alignment must be"),
        (ALIGNMENT, MEL[:40], TOKENS, "n_mels=80"),
        (ALIGNMENT[:10], MEL, TOKENS, "same frames, got 10 and 20"),
        (ALIGNMENT, MEL, TOKENS[:3], "all 5 tokens"),
    ],
)
def test_what_does_not_fit_is_named(alignment, mel, tokens, complaint):
    with pytest.raises(ValueError, match=complaint):
        AttentionViewer(alignment, mel, tokens)
