"""LibriTTS: 585 hours of read English by 2,456 speakers, and anything laid out the same way.

The tree: `<subset>/<speaker>/<chapter>/<speaker>_<chapter>_<paragraph>_<sentence>.wav`, beside each
clip its text as `.normalized.txt` (numbers spelled out) and `.original.txt` (as in the book).
"""

from collections.abc import Sequence
from pathlib import Path


from ttslib.corpora.corpus import Corpus
from ttslib.records import Utterance

__all__ = ["SUBSETS", "LibriTTS"]

SUBSETS = (
    "dev-clean",
    "dev-other",
    "test-clean",
    "test-other",
    "train-clean-100",
    "train-clean-360",
    "train-other-500",
)


class LibriTTS(Corpus):
    """STUB of the real docstring."""

    def __init__(
        self,
        root: Path | str,
        subset: str | Sequence[str] = "dev-clean",
        download: bool = False,
        speakers: Sequence[str | int] | None = None,
        min_seconds: float | None = None,
        max_seconds: float | None = None,
        text: str = "normalized",
    ):
        root = Path(root)
        utterances = []
        for name in [subset] if isinstance(subset, str) else subset:
            folder = (
                root / "LibriTTS" / name if (root / "LibriTTS" / name).is_dir() else root / name
            )
            for path in sorted([*folder.glob("*/*/*.wav"), *folder.glob("*/*/*.flac")]):
                text_path = path.with_suffix(f".{text}.txt")
                utterances.append(
                    Utterance(
                        id=path.stem,
                        speaker=path.parts[-3],
                        text=text_path.read_text(encoding="utf-8").strip(),
                        audio_path=path,
                    )
                )
        if speakers is not None:
            wanted = {str(speaker) for speaker in speakers}
            utterances = [utterance for utterance in utterances if utterance.speaker in wanted]
        super().__init__(utterances)
