"""One clip to play, look at and read, as HTML, for the widgets that browse a corpus.

Shapes: S samples.
"""

import base64
import html

from torch import Tensor

from ttslib.audio.files import read_audio
from ttslib.audio.mel import extract_mel_spectrogram
from ttslib.config import AudioConfig
from ttslib.lab.players import play
from ttslib.plots import Picture, draw_mel, draw_waveform
from ttslib.records import Utterance

__all__ = ["clip_html"]

LEFT, WIDTH = 0.09, 0.9  # of the pictures' time axis, as parts of the whole width
# The audio element moves the line, so that it also moves on a page without a kernel. A player
# reports the time four times a second; in between, the line glides. A clip that was replaced while
# it played (and so is no longer connected) reports it once more.
MOVE = (
    "if(this.isConnected)this.previousElementSibling.lastElementChild.style.left="
    f"{100 * LEFT}+{100 * WIDTH}*this.currentTime/this.duration+'%'"
)
POSITION = (
    f'<div style="position:absolute;top:2%;bottom:11%;left:{100 * LEFT}%;width:2px;'
    'background:#d62728;transition:left 0.25s linear"></div>'
)


def clip_html(utterance: Utterance, *, autoplay: bool = False) -> str:
    """Draw a clip's waveform above its mel, with a player, a line that moves with it, text, facts.

    For a clip that can't be read, the reason is shown instead. The texts are the utterance's own
    and the other one, normalized or original, if LibriTTS's layout has it beside the sound.

    Parameters
    ----------
    utterance
        The clip.
    autoplay
        Whether it plays as soon as it is shown.
    """
    facts = {"speaker": utterance.speaker}
    try:
        waveform, sample_rate = read_audio(utterance.audio_path)
        shown = _sound_html(waveform, sample_rate, name=utterance.id, autoplay=autoplay)
        facts |= _facts(waveform, sample_rate, utterance.text)
    except (OSError, ValueError) as error:
        reason = str(error).replace(str(utterance.audio_path), utterance.audio_path.name)
        shown = f'<p role="alert">{html.escape(reason)}</p>'
    facts["file"] = utterance.audio_path.name
    texts = "".join(
        f"<div><b>{kind}</b> {html.escape(text)}</div>" for kind, text in _texts(utterance).items()
    )
    told = " · ".join(f"{name} <b>{html.escape(value)}</b>" for name, value in facts.items())
    return (
        f'{shown}<div tabindex="0" style="max-height:8em;overflow:auto">{texts}</div>'
        f'<div role="status">{told}</div>'
    )


def _sound_html(waveform: Tensor, sample_rate: int, *, name: str, autoplay: bool) -> str:
    picture = base64.b64encode(_picture(waveform, sample_rate).png()).decode("ascii")
    (clip,) = play(waveform, sample_rate=sample_rate, title=name).clips
    name = html.escape(name)
    return (
        '<div style="position:relative;max-width:800px">'
        f'<img alt="waveform and mel spectrogram of {name}" style="width:100%;display:block"'
        f' src="data:image/png;base64,{picture}">{POSITION}</div>'
        f'<audio controls {"autoplay" if autoplay else ""} aria-label="{name}"'
        f' ontimeupdate="{MOVE}" src="{clip.source}"></audio>'
    )


def _picture(waveform: Tensor, sample_rate: int) -> Picture:
    audio = AudioConfig()
    mel, _ = extract_mel_spectrogram(waveform, sample_rate)
    picture = Picture(3.4)
    picture.set_layout_engine("none")  # the moving line depends on the axes' positions
    above = picture.add_axes((LEFT, 0.67, WIDTH, 0.3))
    below = picture.add_axes((LEFT, 0.13, WIDTH, 0.5))
    draw_waveform(above, waveform, sample_rate=sample_rate)
    above.set(xlabel="", xticklabels=[])
    draw_mel(below, mel, audio=audio)
    below.set_xlim(above.get_xlim())
    return picture


def _facts(waveform: Tensor, sample_rate: int, text: str) -> dict[str, str]:
    seconds = waveform.shape[-1] / sample_rate
    return {
        "seconds": f"{seconds:.2f}",
        "sample rate": f"{sample_rate} Hz",
        "peak": f"{waveform.abs().max():.2f}",
        "RMS": f"{waveform.square().mean().sqrt():.3f}",
        "characters a second": f"{len(text) / seconds:.1f}",
    }


def _texts(utterance: Utterance) -> dict[str, str]:
    texts = {}
    for kind in ("normalized", "original"):
        path = utterance.audio_path.with_name(f"{utterance.audio_path.stem}.{kind}.txt")
        if path.is_file():
            texts[kind] = path.read_text(encoding="utf-8", errors="replace").strip()
    return texts if utterance.text in texts.values() else {"text": utterance.text, **texts}
