"""All kinds of questions, in the courses' order."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from random import Random

from cnnviz.errors import QuizError
from cnnviz.quizzes import (
    adversarial,
    architectures,
    convolution,
    fields,
    layers,
    training,
    visualization,
)
from cnnviz.quizzes.question import Draft, Generate, Question, Topic, format_value
from cnnviz.quizzes.texts import fill_text, load_texts

MAX_SEED = 9999
_TRIES = 40  # some kinds have few numbers
_GENERATORS: Mapping[Topic, tuple[Generate, ...]] = {
    Topic.CONVOLUTION: convolution.GENERATORS,
    Topic.LAYERS: layers.GENERATORS,
    Topic.FIELDS: fields.GENERATORS,
    Topic.ARCHITECTURES: architectures.GENERATORS,
    Topic.TRAINING: training.GENERATORS,
    Topic.VISUALIZATION: visualization.GENERATORS,
    Topic.ADVERSARIAL: adversarial.GENERATORS,
}


@dataclass(frozen=True, slots=True, eq=False)
class QuestionKind:
    """A kind of question.

    Attributes:
        name: Key in the address.
        title: Name for people.
        topic: What it is about.
        generate: Draws the numbers and computes the answer.
    """

    name: str
    title: str
    topic: Topic
    generate: Generate


@cache
def list_kinds() -> tuple[QuestionKind, ...]:
    """Return all kinds, in the courses' order."""
    return tuple(
        QuestionKind(each.__name__, load_texts(topic).kinds[each.__name__].title, topic, each)
        for topic, generators in _GENERATORS.items()
        for each in generators
    )


def find_kind(name: str) -> QuestionKind:
    """Return the kind of this name.

    Raises:
        QuizError: There is none.
    """
    for kind in list_kinds():
        if kind.name == name:
            return kind
    raise QuizError(f"There is no kind of question “{name[:40]}”; choose one of the list.")


@lru_cache(maxsize=256)  # with a photograph 150 KB
def make_question(name: str, seed: int) -> Question:
    """Make the question of a kind and a seed, always the same.

    Args:
        name: Of the kind.
        seed: 1 to MAX_SEED.

    Raises:
        QuizError: There is no such kind, or the seed is out of range.
    """
    kind = find_kind(name)
    if not 1 <= seed <= MAX_SEED:
        raise QuizError(f"The seed is {seed}; choose 1 to {MAX_SEED}.")
    draft = kind.generate(Random(f"{name} {seed}"))  # noqa: S311  (no secret)
    words, texts = _list_words(draft), load_texts(kind.topic).kinds[name]
    return Question(
        kind=name,
        seed=seed,
        topic=kind.topic,
        text=fill_text(texts.text, words),
        solution=fill_text(texts.solution, words),
        draft=draft,
    )


def find_next_seed(question: Question) -> int:
    """Return the next seed that makes another question of the same kind."""
    seed = question.seed
    for _ in range(_TRIES):
        seed = seed % MAX_SEED + 1
        if question.draft.picture or make_question(question.kind, seed).text != question.text:
            break
    return seed


def _list_words(draft: Draft) -> dict[str, object]:
    """What the texts' names stand for; numbers as people read them."""
    words = dict(draft.words)
    if not isinstance(draft.answer, frozenset):
        words["answer"] = draft.answer
    return {
        name: format_value(value) if isinstance(value, int | float) else value
        for name, value in words.items()
    }
