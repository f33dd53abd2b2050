"""A corpus: a list of utterances, each read when you index it.

Shapes: S samples.
"""

import copy
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence

from torch import Tensor
from torch.utils.data import Dataset

from ttslib.audio.files import audio_blocks, read_audio
from ttslib.corpora.utterances import Utterances
from ttslib.records import SpeakerInfo, Utterance

__all__ = ["Corpus"]


class Corpus(Dataset):
    """Utterances with their audio, read one clip at a time.

    Parameters
    ----------
    utterances
        The clips, in the order of the items.
    speaker_info
        Facts about the speakers; speakers without a clip are left out.

    Attributes
    ----------
    utterances : Utterances
        Metadata, a sequence of `Utterance`; no audio file was read for it.
    speaker_info : dict of str to SpeakerInfo
        Sex and name of each speaker, if the corpus has them.

    Taught in: notebooks/01_dataset_exploration
    """

    def __init__(
        self,
        utterances: Sequence[Utterance],
        *,
        speaker_info: Mapping[str, SpeakerInfo] | None = None,
    ):
        packed = utterances if isinstance(utterances, Utterances) else Utterances.of(utterances)
        self.utterances = packed
        known = speaker_info or {}
        self.speaker_info = {name: known[name] for name in self.speakers if name in known}
        self._warned: set[int] = set()

    def __len__(self) -> int:
        return len(self.utterances)

    def __getitem__(self, index: int) -> tuple[Tensor | None, int, str]:
        """Read one clip.

        Returns
        -------
        waveform : Tensor (1, S), float32, or None
            None if the file can't be read, with one warning that names it: one bad file shouldn't
            end a training of several days.
        sample_rate : int
            Hz; 0 if the waveform is None.
        text : str
        """
        utterance = self.utterances[index]
        try:
            waveform, sample_rate = read_audio(utterance.audio_path)
        except Exception as error:  # whatever it is, it costs this clip alone
            if index not in self._warned:
                self._warned.add(index)
                why = str(error) or type(error).__name__
                warnings.warn(f"utterance {utterance.id} is skipped: {why}", stacklevel=2)
            return None, 0, utterance.text
        return waveform, sample_rate, utterance.text

    def sound_blocks(self, index: int, *, sample_rate: int) -> Iterator[Tensor]:
        """Read one clip in blocks (S,), which saves memory for a long one; raise any error."""
        return audio_blocks(self.utterances.path(index), sample_rate=sample_rate)

    def part(self, indices: Iterable[int]) -> "Corpus":
        """Return the same corpus with only the clips at `indices`, to send to another process."""
        part = copy.copy(self)
        part.utterances = self.utterances.take(indices)
        part.speaker_info = {
            name: info for name, info in self.speaker_info.items() if name in part.speakers
        }
        part._warned = set()
        return part

    @property
    def speakers(self) -> list[str]:
        """Return the speakers, each once, sorted."""
        return list(self.utterances.speakers)
