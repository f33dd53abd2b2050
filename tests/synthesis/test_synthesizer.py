import math
import warnings

import pytest
import torch
from torch import nn

from ttslib.audio.files import read_audio
from ttslib.audio.griffin_lim import GriffinLim
from ttslib.audio.mel import MelNormalizer
from ttslib.audio.prosody import ProsodyNormalizer
from ttslib.config import AudioConfig
from ttslib.models.fastspeech2 import FastSpeech2, FastSpeech2Config
from ttslib.models.tacotron2 import Tacotron2, Tacotron2Config
from ttslib.models.vocos import Vocos, VocosConfig
from ttslib.nn.randomness import dropout
from ttslib.records import GeneratedMel
from ttslib.synthesis.synthesizer import Synthesizer
from ttslib.text.tokenizers import CharTokenizer

AUDIO = AudioConfig()
TOKENIZER = CharTokenizer()
SILENCE = torch.tensor(AUDIO.log_floor).log()


class TwoFramesAToken(nn.Module):
    """Speaks each token for two frames whose mel is the token's ID; padding is never clean."""

    def __init__(self, *, never_stops_at: int | None = None, dropout: bool = False):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(()))
        self.never_stops_at = never_stops_at
        self.dropout = dropout
        self.batches: list[list[int]] = []  # the lengths that each call was given
        self.heard_speakers: list[int] = []
        self.was_training: list[bool] = []

    @property
    def needs_generator(self):
        return self.dropout

    def generate(self, tokens, token_lengths, *, speakers, max_frames, generator=None):
        self.batches.append(token_lengths.tolist())
        self.heard_speakers += speakers.tolist()
        self.was_training.append(self.training)
        mel = tokens.repeat_interleave(2, dim=1)[:, None].expand(-1, 80, -1).float()
        mel = torch.where(mel == 0, 99.0, mel)
        if self.dropout:
            mel = dropout(mel, 0.5, generator=generator)
        alignment = torch.eye(tokens.shape[1]).repeat_interleave(2, dim=0)
        alignment = alignment.expand(len(tokens), -1, -1)[:, :max_frames]
        stopped = torch.ones(len(tokens), dtype=torch.bool)
        if self.never_stops_at is not None:
            stopped = (tokens != self.never_stops_at).all(dim=1)
        lengths = (2 * token_lengths).clamp(max=max_frames)
        return GeneratedMel(mel[:, :, :max_frames], lengths, alignment, stopped)


class Steps(nn.Module):
    """A waveform that stands at each frame's first mel band."""

    def __init__(self, audio: AudioConfig = AUDIO):
        super().__init__()
        self.audio = audio

    def forward(self, mel):
        return mel[:, 0].repeat_interleave(self.audio.hop_length, dim=1)


def synthesizer(acoustic: nn.Module | None = None, **settings) -> Synthesizer:
    return Synthesizer(
        tokenizer=TOKENIZER,
        acoustic=acoustic or TwoFramesAToken(),
        vocoder=settings.pop("vocoder", Steps()),
        audio=AUDIO,
        **settings,
    )


def ids(text: str) -> torch.Tensor:
    return torch.tensor(TOKENIZER.encode(text), dtype=torch.float32)


def test_a_sentence_becomes_sound_mel_and_alignment():
    speech = synthesizer()("Good morning.")
    tokens = ids("Good morning.")
    assert speech.text == "Good morning."
    assert speech.sample_rate == 24_000
    assert "".join(speech.tokens) == "good morning.~"
    assert torch.equal(speech.mel, tokens.repeat_interleave(2).expand(80, -1))
    assert torch.equal(speech.alignment, torch.eye(len(tokens)).repeat_interleave(2, dim=0))
    assert torch.equal(speech.waveform, tokens.repeat_interleave(512))
    assert speech.seconds == len(speech.waveform) / 24_000
    assert speech.stopped


def test_sentences_are_joined_by_pauses_with_a_block_diagonal_alignment():
    speech = synthesizer(pause_seconds=0.32)("One.  Two three!")
    first, second = ids("One."), ids("Two three!")
    pause = 30  # frames
    expected = torch.cat(
        [first.repeat_interleave(2), SILENCE.repeat(pause), second.repeat_interleave(2)]
    )
    assert torch.equal(speech.mel[0], expected)
    assert speech.mel.shape[1] * 256 == len(speech.waveform)
    assert (speech.waveform[len(first) * 512 :][: pause * 256] == 0).all()
    blocks = speech.alignment
    assert blocks.shape == (speech.mel.shape[1], len(first) + len(second))
    rows = 2 * len(first)
    assert torch.equal(blocks[:rows, : len(first)], torch.eye(len(first)).repeat_interleave(2, 0))
    assert blocks[:rows, len(first) :].sum() == 0
    assert blocks[rows : rows + pause].sum() == 0
    assert blocks[rows + pause :, : len(first)].sum() == 0
    assert blocks[rows + pause :].sum() == 2 * len(second)


def test_no_silence_is_added_at_the_ends():
    speech = synthesizer()("One. Two.")
    assert speech.mel[0, 0] == ids("One.")[0]
    assert speech.mel[0, -1] == TOKENIZER.end_id


def test_parts_of_a_long_sentence_get_half_a_pause():
    quick = synthesizer(pause_seconds=0.32, max_characters=12)("we came here, and we left it.")
    assert (quick.mel[0] == SILENCE).sum() == 15 * (len(quick.alignments) - 1)


def test_ten_thousand_characters_are_said_in_full():
    text = "The quick fox said nothing at all. " * 290
    acoustic = TwoFramesAToken()
    speech = synthesizer(acoustic, pause_seconds=0.0, batch_size=32)(text)
    assert len(speech.alignments) == 290
    assert len(acoustic.batches) == 10
    one = ids("The quick fox said nothing at all.").repeat_interleave(2)
    assert torch.equal(speech.mel[0], one.repeat(290))


def test_no_sentence_is_longer_than_the_model_can_say():
    acoustic = TwoFramesAToken()
    synthesizer(acoustic, max_characters=30)("a word and " * 100)
    assert max(length for batch in acoustic.batches for length in batch) <= 32  # a period, the end


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("Hello", "hello.~"),
        ("He said “yes”", "he said yes.~"),
        ("(Fine)", "fine.~"),
        ("Is it? No", "is it?~no.~"),
        ("Well,", "well,~"),
        ("Stop!)", "stop!~"),
    ],
)
def test_every_piece_is_spoken_with_an_end(text, spoken):
    speak = synthesizer()
    assert "".join(speak(text).tokens) == spoken
    assert torch.equal(torch.cat([*speak.stream(text)]), speak(text).waveform)


class Silent(Steps):
    """A vocoder that gives no sound for the letter z."""

    def forward(self, mel):
        waveform = super().forward(mel)
        return waveform.where((waveform != ids("z")[0]).all(dim=1, keepdim=True), 0.0)


def test_a_silent_piece_is_named_in_a_warning():
    speak = synthesizer(vocoder=Silent())
    with pytest.warns(UserWarning, match="speech is silent at 'Zz.'") as caught:
        speak("Fine. Zz.")
    assert len(caught) == 1
    assert caught[0].filename == __file__
    with pytest.warns(UserWarning, match="speech is silent at 'Zz.'"):
        list(speak.stream("Fine. Zz."))


def test_several_texts_equal_each_alone_and_share_batches():
    texts = ["Good morning.", "One. Two three.", "A much longer sentence than the others are."]
    acoustic = TwoFramesAToken()
    together = synthesizer(acoustic)(texts)
    assert [speech.text for speech in together] == texts
    assert len(acoustic.batches) == 1
    assert acoustic.batches[0] == sorted(acoustic.batches[0])
    for text, speech in zip(texts, together, strict=True):
        alone = synthesizer()(text)
        assert torch.equal(speech.waveform, alone.waveform)
        assert torch.equal(speech.alignment, alone.alignment)
        assert speech.tokens == alone.tokens


def test_no_texts_give_no_speeches():
    assert synthesizer()([]) == []


def test_the_mel_is_taken_back_to_its_own_scale():
    normalizer = MelNormalizer(mean=torch.full((80,), -5.0), std=torch.full((80,), 2.0))
    speech = synthesizer(normalizer=normalizer)("Yes.")
    assert torch.equal(speech.mel[3], ids("Yes.").repeat_interleave(2) * 2 - 5)


def test_the_vocoder_hears_silence_behind_each_sentence():
    class Listening(Steps):
        def forward(self, mel):
            self.heard = mel
            return super().forward(mel)

    vocoder = Listening()
    synthesizer(vocoder=vocoder)(["Yes.", "A longer one."])
    assert (vocoder.heard[0, :, 2 * len(ids("Yes.")) :] == SILENCE).all()


def test_speakers_are_chosen_by_name():
    acoustic = TwoFramesAToken()
    speak = synthesizer(acoustic, speakers=("anna", "bert"))
    speak("Yes.", speaker="bert")
    speak("Yes.")
    assert acoustic.heard_speakers == [1, 0]


def test_a_speaker_that_does_not_exist_is_answered_with_those_that_do():
    speak = synthesizer(speakers=("anna", "bert"))
    with pytest.raises(ValueError, match="'zoe' doesn't exist; the voice has anna, bert"):
        speak("Yes.", speaker="zoe")


def test_a_voice_without_named_speakers_says_so():
    with pytest.raises(ValueError, match="leave speaker out"):
        synthesizer()("Yes.", speaker="zoe")


def test_a_vocoder_for_another_mel_is_refused():
    with pytest.raises(ValueError, match=r"the vocoder .*hop_length: 256 and 300"):
        synthesizer(vocoder=Steps(AudioConfig(hop_length=300)))


def test_a_sentence_that_does_not_stop_is_named():
    acoustic = TwoFramesAToken(never_stops_at=int(ids("z")[0]))
    with pytest.warns(UserWarning, match="didn't stop by itself within 9 s at 'Zzz") as caught:
        speech = synthesizer(acoustic)("Fine. Zzz and on. Fine again.", max_seconds=9)
    assert not speech.stopped
    assert len(caught) == 1
    assert caught[0].filename == __file__  # the warning points at the caller's line


def test_only_the_text_that_did_not_stop_is_flagged():
    acoustic = TwoFramesAToken(never_stops_at=int(ids("z")[0]))
    with pytest.warns(UserWarning, match="Zzz"):
        speeches = synthesizer(acoustic)(["Fine.", "Zzz."])
    assert [speech.stopped for speech in speeches] == [True, False]


def test_max_seconds_bounds_each_sentence():
    speech = synthesizer()("A sentence with quite a few letters.", max_seconds=0.32)
    assert speech.mel.shape[1] == 30


@pytest.mark.filterwarnings("ignore:no sound is known")
@pytest.mark.parametrize("text", ["", "   ", "\n\n", "...", "?!", "🎉", "你好。"])
def test_text_with_nothing_to_say_is_refused(text):
    with pytest.raises(ValueError, match=r"can be said|text is empty"):
        synthesizer()(text)


def test_text_that_is_no_text_is_refused():
    with pytest.raises(ValueError, match="must be a str, got int"):
        synthesizer()([7])


@pytest.mark.filterwarnings("ignore:no sound is known")
def test_one_bad_text_stops_the_list_before_anything_is_spoken():
    acoustic = TwoFramesAToken()
    with pytest.raises(ValueError, match="can be said"):
        synthesizer(acoustic)(["Yes.", "🎉"])
    assert acoustic.batches == []


@pytest.mark.filterwarnings("ignore:no sound is known")
def test_what_has_no_sound_is_left_out():
    speech = synthesizer()("Well done. 🎉🎉! ... Good night.")
    assert "".join(speech.tokens) == "well done.~good night.~"


def test_the_same_seed_says_it_the_same_way_and_disturbs_nobody():
    speak = synthesizer(TwoFramesAToken(dropout=True))
    torch.manual_seed(5)
    before = torch.get_rng_state()
    first = speak("Good morning.")
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(6)
    assert torch.equal(speak("Good morning.", seed=0).waveform, first.waveform)
    assert not torch.equal(speak("Good morning.", seed=1).waveform, first.waveform)


def test_without_a_seed_each_call_gives_another_take_and_disturbs_nobody():
    speak = synthesizer(TwoFramesAToken(dropout=True))
    before = torch.get_rng_state()
    first, second = speak("Good.", seed=None), speak("Good.", seed=None)
    assert not torch.equal(first.waveform, second.waveform)
    assert torch.equal(torch.get_rng_state(), before)


def test_a_model_in_training_speaks_in_evaluation_mode_and_goes_on_training():
    acoustic = TwoFramesAToken().train()
    synthesizer(acoustic)("Yes.")
    assert acoustic.was_training == [False]
    assert acoustic.training


def test_speech_is_saved_as_it_is(tmp_path):
    class Quiet(Steps):
        def forward(self, mel):
            return super().forward(mel) / 1024

    speech = synthesizer(vocoder=Quiet())("Good morning.")
    path = speech.save(tmp_path / "guten tag ö.wav")
    waveform, rate = read_audio(path)
    assert rate == 24_000
    assert torch.equal(waveform[0], speech.waveform)


def test_a_real_tacotron_and_griffin_lim_fit_in():
    torch.manual_seed(0)
    config = Tacotron2Config(
        n_symbols=len(TOKENIZER.symbols),
        n_speakers=2,
        encoder_dim=16,
        prenet_dim=8,
        attention_rnn_dim=16,
        attention_dim=8,
        decoder_rnn_dim=16,
        postnet_dim=8,
    )
    speak = Synthesizer(
        tokenizer=TOKENIZER,
        acoustic=Tacotron2(config),
        vocoder=GriffinLim(AUDIO, rounds=2),
        audio=AUDIO,
        speakers=("anna", "bert"),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # untrained, it may never stop
        anna = speak("Hello there. It is late.", max_seconds=0.2)
        bert = speak("Hello there. It is late.", speaker="bert", max_seconds=0.2)
    assert anna.waveform.isfinite().all()
    assert anna.mel.shape[1] * 256 == len(anna.waveform)
    assert anna.alignment.shape == (anna.mel.shape[1], len(anna.tokens))
    assert not torch.equal(anna.waveform, bert.waveform)
    assert not anna.waveform.requires_grad


def test_a_sentence_with_braces_that_can_t_be_read_is_not_passed_over():
    with pytest.raises(ValueError, match="braces, which hold phonemes"):
        synthesizer()("Good morning. They {R EH1 D} it. Good night.")


class Steered(TwoFramesAToken):
    """Notes how it was asked to speak."""

    def generate(self, tokens, token_lengths, *, speakers, max_frames, **manner):
        self.manner = manner
        return super().generate(tokens, token_lengths, speakers=speakers, max_frames=max_frames)


def steered() -> tuple[Synthesizer, Steered]:
    """A voice of two speakers whose deviations are 0.1 and 0.2 of pitch, 0.5 of energy."""
    acoustic, speakers = Steered(), ("low", "high")
    zeros, half = torch.zeros(2), torch.full((2,), 0.5)
    prosody = ProsodyNormalizer(
        pitch_mean=zeros, pitch_std=torch.tensor([0.1, 0.2]), energy_mean=zeros, energy_std=half
    )
    return synthesizer(acoustic, prosody=prosody, speakers=speakers), acoustic


def test_factors_reach_the_model_in_the_speaker_s_own_deviations():
    voice, acoustic = steered()
    voice("Go on.", speaker="high", speed=2.0, pitch=1.2, energy=0.5)
    manner = {name: values.unique().tolist() for name, values in acoustic.manner.items()}
    assert manner["speed"] == [2.0]
    assert manner["pitch_shift"] == pytest.approx([math.log(1.2) / 0.2])
    assert manner["energy_shift"] == pytest.approx([math.log(0.5) / 0.5])


def test_without_a_wish_the_model_is_asked_for_nothing_more():
    voice, acoustic = steered()
    voice("Go on.")
    assert acoustic.manner == {}


def test_emphasis_stretches_one_word_of_the_whole_text():
    voice, acoustic = steered()
    voice.batch_size = 1
    voice("Go on. Do it now.", emphasis={3: 2.0})  # Go 0, on 1, Do 2, it 3
    (speed,) = acoustic.manner["speed"]  # of the longer, second sentence, spoken last
    stretched = [TOKENIZER.symbols[t] for t in TOKENIZER.encode("Do it now.")]
    slow = "".join(s for s, factor in zip(stretched, speed, strict=True) if factor == 0.5)
    assert slow == " it"


@pytest.mark.parametrize(
    ("wish", "complaint"),
    [
        ({"speed": 0}, "speed must be above 0"),
        ({"pitch": -1.0}, "pitch must be above 0"),
        ({"energy": float("nan")}, "energy must be above 0"),
        ({"emphasis": {1: 0}}, "emphasis of word 1 must be above 0"),
        ({"emphasis": {7: 1.3}}, "word 7, but the text has words 0..1"),
    ],
)
def test_an_impossible_manner_is_named(wish, complaint):
    with pytest.raises(ValueError, match=complaint):
        steered()[0]("Go on.", **wish)


def test_a_voice_that_cannot_be_steered_says_so():
    with pytest.raises(ValueError, match="can't change its speed"):
        synthesizer()("Go on.", speed=1.5)


def test_token_factors_go_to_the_tokens_of_the_whole_text():
    voice, acoustic = steered()
    voice.batch_size = 1
    count = len(voice("Go on. Do it now.").tokens)
    factors = torch.ones(3, count)
    factors[:, -2] = torch.tensor([2.0, 1.2, 0.5])  # the w of "now."
    voice("Go on. Do it now.", token_factors=factors)
    (speed,), (pitch,), (energy,) = acoustic.manner.values()  # of the second sentence
    assert speed[-2:].tolist() == [0.5, 1.0]
    assert pitch[-2:].tolist() == pytest.approx([math.log(1.2) / 0.1, 0])
    assert energy[-2:].tolist() == pytest.approx([math.log(0.5) / 0.5, 0])


@pytest.mark.parametrize(
    ("factors", "complaint"),
    [
        (torch.ones(3, 4), r"shape \(3, 4\), but the text has 7 tokens"),
        (torch.ones(7), r"shape \(7,\), but the text has 7 tokens"),
        (torch.zeros(3, 7), "each of token_factors must be above 0, got 0.0"),
        (torch.full((3, 7), torch.nan), "each of token_factors must be above 0, got nan"),
        (torch.full((3, 7), torch.inf), "each of token_factors must be above 0, got inf"),
    ],
)
def test_token_factors_that_do_not_fit_are_named(factors, complaint):
    voice, _ = steered()
    assert len(voice("Go on.").tokens) == 7
    with pytest.raises(ValueError, match=complaint):
        voice("Go on.", token_factors=factors)


def small_fastspeech2(vocoder: nn.Module) -> Synthesizer:
    torch.manual_seed(0)
    acoustic = FastSpeech2(
        FastSpeech2Config(
            n_symbols=len(TOKENIZER.symbols),
            dim=16,
            encoder_blocks=1,
            decoder_blocks=1,
            filter_dim=16,
            predictor_dim=16,
            aligner_dim=0,
        )
    )
    nn.init.constant_(acoustic.duration.projection.bias, 1.8)  # some five frames a token
    two, three = torch.tensor([math.log(100.0)]), torch.tensor([0.3])
    prosody = ProsodyNormalizer(pitch_mean=two, pitch_std=three, energy_mean=two, energy_std=three)
    return synthesizer(acoustic, vocoder=vocoder, prosody=prosody)


def vocos(**sizes) -> Vocos:
    torch.manual_seed(0)
    small = dict(channels=8, blocks=2, hidden=16)
    return Vocos(VocosConfig(**small | sizes), AUDIO).eval()


def test_speech_says_what_was_meant_for_each_token():
    voice = small_fastspeech2(Steps())
    speech = voice("Go on. Do it now.")
    assert speech.durations.sum() == speech.mel.shape[1] - 23  # but for the pause
    assert speech.pitch.shape == speech.energy.shape == speech.durations.shape
    higher = voice("Go on. Do it now.", pitch=1.5)
    torch.testing.assert_close(higher.pitch, 1.5 * speech.pitch)


@pytest.mark.parametrize(
    ("vocoder", "tolerance"),
    # A source's phase adds up its pitch, and thereby the rounding of each frame's.
    [(Steps(), 1e-5), (vocos(), 1e-5), (vocos(pitch_channels=8), 0.02)],
    ids=["at once", "in pieces", "with a source"],
)
def test_streamed_pieces_are_the_speech(vocoder, tolerance):
    voice, text = small_fastspeech2(vocoder), "Go on, do it now. It is late. Good night to you all!"
    whole = voice(text, speed=0.5).waveform
    pieces = list(voice.stream(text, speed=0.5))
    assert len(pieces) > (5 if isinstance(vocoder, Vocos) else 4)
    tolerance *= float(whole.abs().max()) if tolerance > 1e-5 else 1
    torch.testing.assert_close(torch.cat(pieces), whole, atol=tolerance, rtol=0)


def test_the_first_piece_comes_before_the_second_sentence_is_thought_of():
    acoustic = TwoFramesAToken()
    first = next(synthesizer(acoustic).stream("Go on. Do it now."))
    assert len(acoustic.batches) == 1
    torch.testing.assert_close(first, ids("Go on.").repeat_interleave(512))


def test_streaming_leaves_the_caller_gradients_chance_and_training():
    acoustic = TwoFramesAToken(dropout=True).train()
    pieces = synthesizer(acoustic).stream("Go on. Do it now.")
    state = torch.get_rng_state()
    next(pieces)
    assert torch.is_grad_enabled()
    assert acoustic.training
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize(
    ("text", "wish", "complaint"),
    [
        ("", {}, "the text is empty"),
        ("Go on.", {"speed": 0}, "speed must be above 0"),
        ("Go on.", {"speaker": "nobody"}, "'nobody' doesn't exist"),
        ("Go on.", {"emphasis": {7: 2.0}}, "word 7"),
    ],
)
def test_streaming_refuses_at_once(text, wish, complaint):
    with pytest.raises(ValueError, match=complaint):
        steered()[0].stream(text, **wish)


def test_a_sentence_cut_while_streaming_is_named():
    voice = synthesizer(TwoFramesAToken(never_stops_at=TOKENIZER.encode("b")[0]))
    with pytest.warns(UserWarning, match="within 15 s at 'Go, b"):
        list(voice.stream("Go, b."))


def test_a_sentence_sounds_the_same_in_any_company():
    voice = small_fastspeech2(vocos())
    alone, long = voice("It is late."), "It is very late and I am very tired of all of this."
    together, _ = voice(["It is late.", long])
    torch.testing.assert_close(together.waveform, alone.waveform, atol=1e-5, rtol=0)
