"""The loop over a WaveNet's samples, which numba compiles; `compiled.py` calls it.

numba keeps the machine code in a file beside this one, so only the first process compiles. It looks
for changes in this file alone: no function here may use a value or a function from another one. The
arguments always have the same types, so two processes that compile at once write the same code.

Shapes: S samples, L layers, K condition frames, G gated channels.
"""

import numpy as np
from numba import njit

__all__ = ["generate_samples"]

_fast = njit(fastmath={"contract", "reassoc", "nsz", "arcp"}, inline="never", error_model="numpy")


@_fast
def _add_product(y, x, matrix):
    """Add x @ matrix to y, four rows at a time, so that y is read and written less often."""
    inputs, outputs = matrix.shape
    whole = inputs // 4 * 4
    for i in range(0, whole, 4):
        a, b, c, d = x[i], x[i + 1], x[i + 2], x[i + 3]
        for o in range(outputs):
            y[o] += (
                a * matrix[i, o]
                + b * matrix[i + 1, o]
                + c * matrix[i + 2, o]
                + d * matrix[i + 3, o]
            )
    for i in range(whole, inputs):
        a = x[i]
        for o in range(outputs):
            y[o] += a * matrix[i, o]


@_fast
def _tanh(x):
    y = min(max(x, np.float32(-9)), np.float32(9)) * np.float32(0.25)
    s = y * y
    above = y * (np.float32(135135) + s * (np.float32(17325) + s * (np.float32(378) + s)))
    below = np.float32(135135) + s * (
        np.float32(62370) + s * (np.float32(3150) + s * np.float32(28))
    )
    h = above / below
    h = np.float32(2) * h / (np.float32(1) + h * h)
    return np.float32(2) * h / (np.float32(1) + h * h)


@_fast
def _gate(y, z):
    """Multiply the first half's tanh by the second half's sigmoid."""
    for g in range(len(z)):
        half = np.float32(0.5)
        z[g] = _tanh(y[g]) * (half + half * _tanh(half * y[len(z) + g]))


@_fast
def _relu(x):
    for i in range(len(x)):
        x[i] = max(x[i], np.float32(0))


@njit
def _draw_class(logits, uniform, temperature):
    highest = logits.max()
    if temperature == 0:
        return int(np.argmax(logits))
    total = np.float32(0)
    for k in range(len(logits)):
        logits[k] = np.exp((logits[k] - highest) / temperature)
        total += logits[k]
    passed, k = np.float32(0), 0
    while k < len(logits) - 1:
        passed += logits[k]
        if passed > uniform * total:
            break
        k += 1
    return k


@njit
def _draw_logistic(output, mixtures, chance, temperature, limits):
    k = _draw_class(output[:mixtures].copy(), chance[0], temperature)
    if temperature == 0:
        return output[mixtures + k]
    scale = temperature * np.exp(max(output[2 * mixtures + k], limits[0]))
    place = min(max(chance[1], limits[1]), np.float32(1) - limits[1])
    return output[mixtures + k] + scale * np.log(place / (1 - place))


@njit(error_model="numpy", cache=True)
def generate_samples(model, conditions, hold, uniforms, mixtures, temperature, sample_of, limits):
    """Generate one signal, sample by sample; the first call compiles, or loads what was compiled.

    Parameters
    ----------
    model : _Matrices
        The weights; see `compiled.py`.
    conditions : array (K, L, 2G)
        Of every layer, with its biases.
    hold : int
        Samples for which a condition stays the same.
    uniforms : array (S, 2)
        Random numbers for the draws.
    mixtures : int
        Logistic distributions in a sample's mixture; 0 for the 256 classes of mu-law.
    temperature : float32
    sample_of : array (256,)
        The sample of each class.
    limits : array (2,)
        The least logarithm of a logistic's scale, and its least likely number.

    Returns
    -------
    array (S,), float32
    """
    layers, kernel, width, double = model.dilated.shape
    n = len(conditions) * hold
    lead = len(model.first)
    heard = np.zeros(lead + n, np.float32)  # the network's input: zeros, then the past
    signal = np.empty(n, np.float32)
    past = np.zeros((layers, (kernel - 1) * model.dilations.max(), width), np.float32)
    y, z = np.empty(double, np.float32), np.empty(double // 2, np.float32)
    for t in range(n):
        x = model.first_bias.copy()
        _add_product(x, heard[t : t + lead], model.first)
        total = model.skip_bias.copy()
        for layer in range(layers):
            length = (kernel - 1) * model.dilations[layer]
            y[:] = conditions[t // hold, layer]
            for tap in range(kernel - 1):
                place = (t + tap * model.dilations[layer]) % length
                _add_product(y, past[layer, place], model.dilated[layer, tap])
            _add_product(y, x, model.dilated[layer, kernel - 1])
            past[layer, t % length] = x
            _gate(y, z)
            _add_product(total, z, model.skip[layer])
            if layer < layers - 1:
                x += model.residual_bias[layer]
                _add_product(x, z, model.residual[layer])
        _relu(total)
        inner = model.hidden_bias.copy()
        _add_product(inner, total, model.hidden)
        _relu(inner)
        output = model.last_bias.copy()
        _add_product(output, inner, model.last)
        if mixtures:
            said = _draw_logistic(output, mixtures, uniforms[t], temperature, limits)
            signal[t] = min(max(said, np.float32(-1)), np.float32(1))
            heard[t + lead] = signal[t]
        else:
            k = _draw_class(output, uniforms[t, 0], temperature)
            signal[t] = sample_of[k]
            heard[t + lead] = np.float32(k / 127.5 - 1)
    return signal
