"""Wrong answers to the exercises of notebook 05, and what the check says of each."""


def loss(body: str) -> str:
    return f"def masked_mel_loss(predicted, target, lengths):\n    e = predicted - target\n{body}"


def mask(total: str) -> str:
    return loss(
        "    mask = torch.arange(e.shape[2]) < lengths[:, None, None]\n"
        f"    return ((e.abs() + e**2) * mask).sum() / {total}"
    )


def weight(body: str) -> str:
    return f"def fading_weight(progress):\n    return {body}"


def step(*lines: str) -> str:
    return "\n    ".join(["def train_step(model, optimizer, batch, losses_of, limit):", *lines])


CLEAR = "optimizer.zero_grad()"
LOSSES = "loss = losses_of(model, batch)['loss']"
BACK = "loss.backward()"
CLIP = "torch.nn.utils.clip_grad_norm_(model.parameters(), limit)"
MOVE = "optimizer.step()"
GIVE = "return loss.item()"


def validation(*lines: str) -> str:
    return "\n    ".join(["def held_out_mel(model, batches, losses_of):", *lines])


COUNTED = (
    "total, clips = 0.0, 0",
    "for batch in batches:",
    "    total += float(losses_of(model, batch)['mel']) * len(batch.mel_lengths)",
    "    clips += len(batch.mel_lengths)",
)


def stop(body: str) -> str:
    return f"def should_stop_early(scores, patience):\n    {body}"


MISTAKES = {
    "Exercise 1": {
        "a plain mean": (loss("    return (e.abs() + e**2).mean()"), "in the padding: expected 2"),
        "masked, but divided by all values": (mask("e.numel()"), "in the padding: expected 2"),
        "the bands are forgotten": (mask("mask.sum()"), "no padding: expected 6, got 18"),
        "the mean of the clips' means": (
            loss(
                "    e = e.abs() + e**2\n"
                "    return sum(e[k, :, :n].mean() for k, n in enumerate(lengths)) / len(lengths)"
            ),
            "expected 9.5, got 7",
        ),
        "one frame too many": (
            loss(
                "    mask = (torch.arange(e.shape[2]) <= lengths[:, None, None]).expand_as(e)\n"
                "    return (e.abs() + e**2)[mask].mean()"
            ),
            "in the padding",
        ),
        "no absolute value": (
            mask("(mask.sum() * e.shape[1])").replace("e.abs()", "e"),
            "errors of -2: expected 6, got 2",
        ),
        "the square alone": (
            mask("(mask.sum() * e.shape[1])").replace("e.abs() + ", ""),
            "no padding: expected 6, got 4",
        ),
        "the first clip's length for all": (
            loss("    e = e[:, :, : lengths[0]]\n    return (e.abs() + e**2).mean()"),
            "expected 9.5, got 7",
        ),
        "the target is ignored": (
            "def masked_mel_loss(predicted, target, lengths):\n"
            "    real = torch.arange(predicted.shape[2]) < lengths[:, None]\n"
            "    e = predicted.transpose(1, 2)[real]\n"
            "    return (e.abs() + e**2).mean()",
            "two bands, right by 1 and by 0 in the only real frame: expected 1, got 7",
        ),
        "the bands are averaged first": (
            loss(
                "    e = e.mean(dim=1)[torch.arange(e.shape[2]) < lengths[:, None]]\n"
                "    return (e.abs() + e**2).mean()"
            ),
            "two bands, right by 1 and by 0 in the only real frame: expected 1, got 0.75",
        ),
        "three bands in the code": (
            mask("(3 * mask.sum())"),
            "two bands, right by 1 and by 0 in the only real frame: expected 1, got 0.66",
        ),
        "a float": (loss("    return 6.0"), "as a tensor"),
        "detached": (
            mask("(mask.sum() * e.shape[1])").replace("predicted -", "predicted.detach() -"),
            "no gradient",
        ),
        "a constant": (loss("    return e.sum() * 0 + 6.0"), "in the padding: expected 2, got 6"),
        "an exception": (loss("    return e[lengths].mean()"), "IndexError"),
    },
    "Exercise 2": {
        "always 1": (weight("1.0"), "after 20% of the training: expected 0.1, got 1"),
        "a straight line": (weight("max(0.001, 1 - progress)"), "expected 0.1, got 0.8"),
        "no floor": (weight("10 ** (-5 * progress)"), "after 61% of the training"),
        "e instead of ten": (
            weight("max(0.001, 2.718281828 ** (-5 * progress))"),
            "expected 0.1, got 0.367879",
        ),
        "stairs": (weight("max(0.001, 10.0 ** -int(5 * progress))"), "after 10% of the training"),
        "a tenth over the whole training": (
            weight("max(0.001, 10 ** -progress)"),
            "expected 0.1, got 0.630957",
        ),
        "a tensor": (weight("torch.tensor(max(0.001, 10 ** (-5 * progress)))"), "return a float"),
        "reversed": (weight("max(0.001, 10 ** (-5 * (1 - progress)))"), "after 0%"),
        "percent": (weight("max(0.001, 10 ** (-progress / 20))"), "expected 0.1, got 0.977237"),
        "the floor is 0.01": (weight("max(0.01, 10 ** (-5 * progress))"), "after 50%"),
        "the floor is added": (weight("0.001 + 10 ** (-5 * progress)"), "after 20%"),
        "a table": (
            weight("{0.0: 1.0, 0.2: 0.1, 0.4: 0.01}.get(progress, 0.001)"),
            "after 10% of the training: expected 0.316228, got 0.001",
        ),
        "straight lines between the points of the text": (
            weight("float(np.interp(progress, [0, 0.2, 0.4, 0.6], [1, 0.1, 0.01, 0.001]))").replace(
                "    return", "    import numpy as np\n\n    return"
            ),
            "after 10% of the training: expected 0.316228, got 0.55",
        ),
        "nothing after three fifths": (
            weight("10 ** (-5 * progress) if progress <= 0.6 else 0.0"),
            "after 61% of the training: expected 0.001, got 0",
        ),
    },
    "Exercise 3": {
        "gradients pile up": (step(LOSSES, BACK, CLIP, MOVE, GIVE), "step 1: the weights"),
        "cleared before the update": (step(LOSSES, BACK, CLEAR, MOVE, GIVE), "step 1"),
        "the update comes first": (step(CLEAR, LOSSES, MOVE, BACK, CLIP, GIVE), "moved by [0.0"),
        "no clipping": (step(CLEAR, LOSSES, BACK, MOVE, GIVE), "moved by [-1.5, -2.0]"),
        "clipped before there is a gradient": (
            step(CLEAR, CLIP, LOSSES, BACK, MOVE, GIVE),
            "moved by [-1.5, -2.0]",
        ),
        "each weight is clipped alone": (
            step(
                CLEAR,
                LOSSES,
                BACK,
                "for p in model.parameters():",
                "    torch.nn.utils.clip_grad_norm_([p], limit)",
                MOVE,
                GIVE,
            ),
            "moved by [-0.5, -0.5]",
        ),
        "the limit is 1 in the code": (
            step(CLEAR, LOSSES, BACK, CLIP.replace("limit", "1.0"), MOVE, GIVE),
            "step 3: the weights must move by [-0.75, -1.0]",
        ),
        "scaled up to the limit, too": (
            step(
                CLEAR,
                LOSSES,
                BACK,
                "norm = sum(p.grad**2 for p in model.parameters()) ** 0.5",
                "for p in model.parameters():",
                "    p.grad *= limit / norm",
                MOVE,
                GIVE,
            ),
            "step 2",
        ),
        "a tensor": (step(CLEAR, LOSSES, BACK, CLIP, MOVE, "return loss"), "as a float"),
        "the loss after the update": (
            step(CLEAR, LOSSES, BACK, CLIP, MOVE, "return losses_of(model, batch)['loss'].item()"),
            "called 2 times",
        ),
        "the sum of all losses": (
            step(CLEAR, "loss = sum(losses_of(model, batch).values())", BACK, CLIP, MOVE, GIVE),
            "step 1: the weights",
        ),
        "the optimizer is ignored": (
            step(
                "model.zero_grad()",
                LOSSES,
                BACK,
                CLIP,
                "with torch.no_grad():",
                "    for p in model.parameters():",
                "        p -= p.grad",
                GIVE,
            ),
            "step 1: the weights must move by [-0.3, -0.4]",
        ),
        "cleared after the step only": (
            step(LOSSES, BACK, CLIP, MOVE, CLEAR, GIVE),
            "step 1: the weights must move",
        ),
        "uphill": (step(CLEAR, LOSSES, "(-loss).backward()", CLIP, MOVE, GIVE), "moved by [0.3"),
        "an exception": (step("losses_of(model)"), "TypeError"),
    },
    "Exercise 4": {
        "in training mode": (
            validation(
                "with torch.no_grad():",
                *("    " + line for line in COUNTED),
                "return total / clips",
            ),
            "in training mode",
        ),
        "gradients are computed": (
            validation(
                "mode = model.training",
                "model.eval()",
                *COUNTED,
                "model.train(mode)",
                "return total / clips",
            ),
            "gradients were computed",
        ),
        "left in evaluation mode": (
            "@torch.no_grad()\n" + validation("model.eval()", *COUNTED, "return total / clips"),
            "in another mode",
        ),
        "always left in training mode": (
            "@torch.no_grad()\n"
            + validation("model.eval()", *COUNTED, "model.train()", "return total / clips"),
            "in another mode",
        ),
        "batches count the same": (
            "@torch.no_grad()\n"
            + validation(
                "mode = model.training",
                "model.eval()",
                "found = [float(losses_of(model, batch)['mel']) for batch in batches]",
                "model.train(mode)",
                "return sum(found) / len(found)",
            ),
            "expected 2.0 as a float, got 3.0",
        ),
        "frames count the same": (
            "@torch.no_grad()\n"
            + validation(
                "mode = model.training",
                "model.eval()",
                *(
                    line.replace("len(batch.mel_lengths)", "int(batch.mel_lengths.sum())")
                    for line in COUNTED
                ),
                "model.train(mode)",
                "return total / clips",
            ),
            "expected 2.0 as a float, got 4.0",
        ),
        "the last batch alone": (
            "@torch.no_grad()\n"
            + validation(
                "mode = model.training",
                "model.eval()",
                "for batch in batches:",
                "    found = float(losses_of(model, batch)['mel'])",
                "model.train(mode)",
                "return found",
            ),
            "got 5.0",
        ),
        "a sum": (
            "@torch.no_grad()\n"
            + validation(
                "mode = model.training",
                "model.eval()",
                *COUNTED,
                "model.train(mode)",
                "return total",
            ),
            "got 8.0",
        ),
        "the sum of the losses": (
            "@torch.no_grad()\n"
            + validation(
                "mode = model.training",
                "model.eval()",
                *(line.replace("'mel'", "'loss'") for line in COUNTED),
                "model.train(mode)",
                "return total / clips",
            ),
            "got 99.0",
        ),
        "four clips in the code": (
            "@torch.no_grad()\n"
            + validation(
                "mode = model.training",
                "model.eval()",
                *COUNTED,
                "model.train(mode)",
                "return total / 4",
            ),
            "1, 1, 2, 2, 2 and 6: expected 2.33333",
        ),
        "nothing is measured": (validation("return 2.0"), "no batch was measured"),
    },
    "Exercise 5": {
        "the patience is 2 in the code": (
            stop("return bool(scores) and len(scores) - 1 - scores.index(min(scores)) >= 2"),
            "with patience 1",
        ),
        "exactly as old as the patience": (
            stop("return bool(scores) and len(scores) - 1 - scores.index(min(scores)) == patience"),
            "0.9, 0.8] with patience 3: expected True",
        ),
        "older than the patience": (
            stop("return bool(scores) and len(scores) - 1 - scores.index(min(scores)) > patience"),
            "with patience 1: expected True",
        ),
        "an equal score is progress": (
            stop("return bool(scores) and scores[::-1].index(min(scores)) >= patience"),
            "[0.9, 0.6, 0.7, 0.6] with patience 2: expected True",
        ),
        "compared with the one before only": (
            stop(
                "return len(scores) > patience and "
                "all(b >= a for a, b in zip(scores[-patience - 1:], scores[-patience:]))"
            ),
            "[0.9, 0.6, 0.7, 0.6] with patience 2: expected True",
        ),
        "the larger the better": (
            stop("return bool(scores) and len(scores) - 1 - scores.index(max(scores)) >= patience"),
            "expected False, got True",
        ),
        "a smallest improvement": (
            stop("best, waited = float('inf'), 0\n") + "    for score in scores:\n"
            "        if score < best - 1e-3:\n"
            "            best, waited = score, 0\n"
            "        else:\n"
            "            waited += 1\n"
            "    return waited >= patience",
            "[0.5, 0.4999, 0.4998] with patience 2: expected False",
        ),
        "never": (stop("return False"), "expected True, got False"),
        "the number of scores": (stop("return len(scores) > patience"), "[0.9, 0.7, 0.6]"),
        "no scores": (
            stop("return len(scores) - 1 - scores.index(min(scores)) >= patience"),
            "ValueError",
        ),
        "a number instead of True": (
            stop("return len(scores) and len(scores) - 1 - scores.index(min(scores)) >= patience"),
            "expected False, got 0",
        ),
    },
}
