import pytest

from ttslib.lab.widgets.sliders import Sliders


def test_it_tells_where_the_sliders_stand_and_when_one_moves():
    sliders = Sliders({"size": [1, 1024], "floor": [1e-5, 0.1]}, chosen={"size": 1, "floor": 0.1})
    assert sliders.values == {"size": 1, "floor": 0.1}
    assert sliders.labels == [["1", "1,024"], ["1e-05", "0.1"]]
    heard = []
    sliders.observe(lambda change: heard.append(sliders.values), names="chosen")
    sliders.chosen = [1, 1]
    assert heard == [{"size": 1024, "floor": 0.1}]


def test_a_first_value_that_a_slider_lacks_is_named():
    with pytest.raises(ValueError, match=r"slider 'size' can't be at 3; it has \[1, 2\]"):
        Sliders({"size": [1, 2]}, chosen={"size": 3})
