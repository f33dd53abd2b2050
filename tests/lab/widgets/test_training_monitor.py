import base64
import re
from queue import Empty

import pytest
import torch
from jupyter_client.manager import start_new_kernel

from ttslib.lab import TrainingMonitor
from ttslib.training.state import Validation

PNG = b"\x89PNG"
VALIDATION = Validation(
    losses={"loss": 0.4, "mel": 0.3},
    figures={"stop rate": 0.98, "a<b": 1.0},
    summary="",
    score=0.4,
    alignment=torch.eye(10, 7),
    waveform=None,
    sample_rate=24_000,
)


def test_losses_and_alignment_are_drawn_as_they_come():
    monitor = TrainingMonitor(seconds_between_pictures=0)
    _, image, figures = monitor.children
    assert image.value == b""
    monitor.on_step(1, {"loss": 2.0, "mel": 1.0})
    first = image.value
    assert bytes(first).startswith(PNG)
    assert len(monitor.picture().axes) == 1
    monitor.on_step(2, {"loss": 1.0, "mel": 0.5})
    monitor.on_validation(2, VALIDATION)
    assert image.value != first
    assert "stop rate <b>0.98</b>" in figures.value
    assert "a&lt;b" in figures.value
    losses, attention = monitor.picture().axes
    assert {line.get_label(): list(line.get_xdata()) for line in losses.lines} == {
        "loss": [1, 2],
        "held-out loss": [2],
    }
    assert attention.images[0].get_array().shape == (7, 10)


def test_without_a_held_out_sum_the_same_part_of_both_is_drawn():
    """A vocoder's training loss is weighted; its held-out mel is to be seen beside the mel."""
    monitor = TrainingMonitor(seconds_between_pictures=3600)
    monitor.on_step(1, {"loss": 90.0, "mel": 1.0})
    monitor.on_validation(1, VALIDATION._replace(losses={"mel": 0.9}, alignment=None))
    (axes,) = monitor.picture().axes
    assert {line.get_label(): list(line.get_ydata()) for line in axes.lines} == {
        "mel": [1.0],
        "held-out mel": [0.9],
    }


def test_pictures_are_rare_when_asked():
    monitor = TrainingMonitor(seconds_between_pictures=3600)
    monitor.on_step(1, {"loss": 2.0})
    first = monitor.children[1].value
    monitor.on_step(2, {"loss": 1.0})
    assert monitor.children[1].value == first
    assert len(monitor.picture().axes[0].lines[0].get_xdata()) == 2  # nothing is lost


def test_it_stops_once_the_button_is_pressed():
    monitor = TrainingMonitor()
    button = monitor.children[0].children[0]
    assert not monitor.should_stop()
    button.click()
    assert monitor.should_stop()
    assert button.disabled


def test_what_is_saved_holds_the_last_picture():
    with TrainingMonitor(seconds_between_pictures=3600) as monitor:
        monitor.on_step(1, {"loss": 2.0})
        monitor.on_step(2, {"loss": 1.0})
    page = monitor._repr_mimebundle_()["text/html"]
    assert "step 2, loss 1.0000" in page
    saved = base64.b64decode(re.search(r'base64,([^"]+)"', page).group(1))
    assert saved == monitor.picture().png()
    button = monitor.children[0].children[0]
    assert button.disabled
    assert button.description == "Finished"


def test_a_monitor_of_nothing_ends_well():
    with TrainingMonitor() as monitor:
        pass
    assert "waiting" in monitor.static_html()
    with pytest.raises(ValueError, match="no losses"):
        monitor.picture()


CELL = """
from ttslib.lab import TrainingMonitor
monitor = TrainingMonitor()
button = monitor.children[0].children[0]
print("model", button.model_id, flush=True)
step = 0
while not monitor.should_stop():
    step += 1  # this thread is busy, as in training
print("stopped")
"""


@pytest.fixture(scope="module")
def client():
    """A kernel's client; its start takes several seconds."""
    manager, client = start_new_kernel(kernel_name="python3")
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


@pytest.mark.slow
@pytest.mark.parametrize("over_subshell", [True, False])
def test_the_button_works_while_the_cell_is_running(client, over_subshell):
    """JupyterLab sends a click to a subshell, other front ends to the main shell."""
    try:
        client.execute(CELL)
        printed = ""
        while not re.search(r"model \w+\n", printed):
            message = client.get_iopub_msg(timeout=60)
            assert message["msg_type"] != "error", message["content"]
            printed += message["content"].get("text", "")
        button = re.search(r"model (\w+)", printed).group(1)
        event = {"method": "custom", "content": {"event": "click"}}
        click = client.session.msg("comm_msg", {"comm_id": button, "data": event})
        if over_subshell:
            client.control_channel.send(client.session.msg("create_subshell_request", {}))
            click["header"]["subshell_id"] = client.get_control_msg(timeout=60)["content"][
                "subshell_id"
            ]
        client.shell_channel.send(click)
        while "stopped" not in printed:
            printed += client.get_iopub_msg(timeout=30)["content"].get("text", "")
    except Empty:
        pytest.fail("the click did not reach the running cell")
