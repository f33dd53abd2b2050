import pytest

from ttslib.lab import Option, Question, Quiz

QUESTIONS = [
    Question(
        "What does `hop_length` set?",
        [
            Option("the frames' distance", "T = S / hop_length.", correct=True),
            Option("the number of bands", "That is n_mels <80>."),
        ],
    ),
    Question("Is it so?", [Option("yes", "No, it isn't."), Option("no", "Indeed.", correct=True)]),
]


def parts(quiz, number):
    _, *options, feedback = quiz.children[number].children
    return [row.children[0] for row in options], feedback


def test_a_wrong_answer_explains_itself_and_a_right_one_counts():
    quiz = Quiz(QUESTIONS)
    (right, wrong), feedback = parts(quiz, 0)
    assert feedback.value == ""
    wrong.click()
    assert "<b>wrong</b>" in feedback.value
    assert "That is n_mels &lt;80&gt;." in feedback.value
    assert quiz.children[-1].value == "0 of 2 right"
    right.click()
    assert (right.button_style, wrong.button_style) == ("success", "danger")
    assert "<b>right</b>" in feedback.value
    assert quiz.children[-1].value == "1 of 2 right"
    wrong.click()
    assert quiz.children[-1].value == "0 of 2 right"


def test_every_option_has_a_button_that_says_what_it_is():
    buttons, _ = parts(Quiz(QUESTIONS), 1)
    assert [button.description for button in buttons] == ["A", "B"]
    assert [button.tooltip for button in buttons] == ["Answer A: yes", "Answer B: no"]


def test_readers_without_a_kernel_unfold_the_answers():
    bundle = Quiz(QUESTIONS)._repr_mimebundle_()
    page = bundle["text/html"]
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert page.count("<details>") == 2
    assert "<code>hop_length</code>" in page
    before, after = page.split("<details>")[:2]
    assert "T = S / hop_length." not in before
    assert "T = S / hop_length." in after


@pytest.mark.parametrize(
    "options",
    [
        [Option("only", "one", correct=True)],
        [Option("a", "none"), Option("b", "is right")],
        [Option("a", "both", correct=True), Option("b", "are right", correct=True)],
    ],
)
def test_a_question_needs_one_correct_option_of_several(options):
    with pytest.raises(ValueError, match="one of them correct"):
        Question("?", options)


def test_an_empty_quiz_is_an_error():
    with pytest.raises(ValueError, match="at least one question"):
        Quiz([])
