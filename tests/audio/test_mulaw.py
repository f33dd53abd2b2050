import pytest
import torch
import torchaudio

from ttslib.audio.mulaw import mulaw_decode, mulaw_encode


@pytest.mark.parametrize("bits", [4, 8, 10])
def test_every_class_comes_back_to_itself(bits):
    classes = torch.arange(2**bits)
    assert torch.equal(mulaw_encode(mulaw_decode(classes, bits=bits), bits=bits), classes)


def test_a_round_trip_is_finer_where_it_is_quiet():
    x = torch.linspace(-1, 1, 20_001)
    error = (mulaw_decode(mulaw_encode(x)) - x).abs()
    assert error.max() < 0.022
    assert error[x.abs() < 0.01].max() < 6e-4


def test_equal_to_torchaudio():
    x = torch.linspace(-1, 1, 10_001)
    assert torch.equal(mulaw_encode(x), torchaudio.functional.mu_law_encoding(x, 256))
    classes = torch.arange(256)
    expected = torchaudio.functional.mu_law_decoding(classes, 256)
    torch.testing.assert_close(mulaw_decode(classes), expected)


def test_what_is_out_of_range_is_clipped():
    assert mulaw_encode(torch.tensor([-7.0, 7.0])).tolist() == [0, 255]


@pytest.mark.parametrize("bits", [0, 1, 17])
def test_a_senseless_number_of_bits_is_refused(bits):
    with pytest.raises(ValueError, match=f"bits={bits}"):
        mulaw_encode(torch.zeros(3), bits=bits)
