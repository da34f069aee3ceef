"""A teacher's own questions: what the file may hold, and what is told of a bad line."""

from pathlib import Path

import pytest

from cnnviz.quizzes.own import MAX_QUESTIONS, decode_questions, parse_questions, read_own_file
from cnnviz.quizzes.question import AnswerKind

TEXT = """# Lesson 3
How many weights has a 3×3 convolution from 64 to 64 channels?
= 36,864 weights
! 64 · 64 · 3 · 3

How long does it take?
Look at the clock.
= 2.5 s ± 10 %

Which layers have no parameters?
+ max pooling
+ global average pooling
- convolution

Which came first?
- ResNet
+ LeNet-5
"""


def test_numbers_and_choices_are_read() -> None:
    own = parse_questions(TEXT)
    assert own.problems == ()
    weights, seconds, layers, first = own.questions
    assert weights.is_right(36864.0)
    assert not weights.is_right(36865.0)
    assert weights.write_answer(36864.0) == "36,864 weights"
    assert weights.solution == "64 · 64 · 3 · 3"
    assert seconds.text == "How long does it take?\n\nLook at the clock."
    assert seconds.is_right(2.7)
    assert not seconds.is_right(2.8)
    assert layers.answer_kind is AnswerKind.SEVERAL
    assert layers.is_right({0, 1})
    assert not layers.is_right({0})
    assert first.answer_kind is AnswerKind.ONE
    assert first.is_right({1})
    assert [one.kind for one in own.questions] == ["own-1", "own-2", "own-3", "own-4"]


@pytest.mark.parametrize(
    ("block", "told"),
    [
        ("= 3", "no text"),
        ("Question?", "give one answer"),
        ("Question?\n= three", "is no number"),
        ("Question?\n= 1\n= 2", "is no number"),
        ("Question?\n= 1e99", "too large"),
        ("Question?\n= 1,2", "is no number"),
        ("Question?\n- a\n- b", "no choice is right"),
        ("Question?\n+ a", "give 2 to"),
        ("Question?\n+ a\n- a", "different"),
        ("Question?\n+ a\n-", "empty"),
        ("Question?\n= 1\n+ a", "give one answer"),
        ("x" * 3000 + "\n= 1", "more than 2,000 characters"),
        ("Question?\n= __import__('os')", "is no number"),
    ],
)
def test_a_bad_question_is_told_in_a_sentence_and_the_others_work(block: str, told: str) -> None:
    own = parse_questions(f"Good?\n= 1\n\n{block}\n\nGood too?\n= 2\n")
    assert len(own.questions) == 2
    (problem,) = own.problems
    assert problem.startswith("Line 4: ")
    assert told in problem


def test_files_are_bounded() -> None:
    assert "UTF-8" in decode_questions(b"\xff\xfe").problems[0]
    assert "bytes" in decode_questions(b"x" * 300_000).problems[0]
    own = parse_questions("Q?\n= 1\n\n" * (MAX_QUESTIONS + 5))
    assert len(own.questions) == MAX_QUESTIONS
    assert len(own.problems) == 1


def test_the_file_is_read_again_when_it_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "questions.txt"
    monkeypatch.setenv("CNNVIZ_QUESTIONS", str(path))
    assert "cannot be opened" in read_own_file().problems[0]
    path.write_text("One?\n= 1\n", encoding="utf-8")
    assert len(read_own_file().questions) == 1
    path.write_text("One?\n= 1\n\nTwo?\n= 2\n", encoding="utf-8")
    assert len(read_own_file().questions) == 2
    monkeypatch.delenv("CNNVIZ_QUESTIONS")
    assert read_own_file().questions == ()
