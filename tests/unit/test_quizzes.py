"""Questions: every kind is whole, and its answers are those of torch, papers and lectures."""

import base64
import math
import re
from importlib import import_module

import numpy as np
import numpy.typing as npt
import pytest
import torch
from torch import nn

from cnnviz.errors import QuizError
from cnnviz.images.names import load_named
from cnnviz.networks.load import load_model
from cnnviz.quizzes.kinds import find_kind, list_kinds, make_question
from cnnviz.quizzes.question import AnswerKind, Question, Topic
from cnnviz.quizzes.score import Attempt, count_scores, list_results
from cnnviz.quizzes.texts import load_texts, parse_texts
from cnnviz.web.bench import BenchControls
from cnnviz.web.sitemap import find_page
from cnnviz.web.state import list_controls

SEEDS = (1, 2, 3)
# Names of words, as they stand in the texts; LaTeX's own braces follow a command.
_FIELD = re.compile(r"(?<!begin)(?<!end)(?<!text)\{[a-z_]{2,}\}")


def find(name: str, seed: int) -> tuple[Question, dict[str, int]]:
    """A question with the numbers that its page is set to."""
    question = make_question(name, seed)
    values = question.draft.values
    return question, {key: value for key, value in values.items() if isinstance(value, int)}


def answer_of(question: Question) -> float:
    assert isinstance(question.draft.answer, int | float)
    return question.draft.answer


def test_there_are_kinds_of_every_topic_in_the_order_of_the_course() -> None:
    kinds = list_kinds()
    assert len(kinds) >= 40
    assert len({kind.name for kind in kinds}) == len({kind.title for kind in kinds}) == len(kinds)
    topics = list(dict.fromkeys(kind.topic for kind in kinds))
    assert topics == [topic for topic in Topic if topic is not Topic.OWN]
    for topic in topics:
        names = {kind.name for kind in kinds if kind.topic is topic}
        assert names == load_texts(topic).kinds.keys()


@pytest.mark.parametrize("name", [kind.name for kind in list_kinds()])
def test_a_kind_is_whole_for_several_seeds(name: str) -> None:
    for seed in SEEDS:
        question = make_question(name, seed)
        draft = question.draft
        for text in (question.text, question.solution):
            assert text
            assert not _FIELD.search(text), text
        assert question.is_right(
            draft.answer if isinstance(draft.answer, frozenset) else float(draft.answer)
        )
        if question.answer_kind is AnswerKind.NUMBER:
            value = answer_of(question)
            assert math.isfinite(value)
            far = 0.02 * abs(value) + 1
            assert not any(map(question.is_right, (value + far, value - far, math.nan)))
        else:
            assert isinstance(draft.answer, frozenset)
            places = frozenset(range(len(draft.choices)))
            assert 2 <= len(draft.choices) == len(set(draft.choices))
            assert draft.answer <= places
            assert len(draft.answer) == 1 or draft.is_several
            assert not question.is_right(places - draft.answer)
        assert question.write_answer(draft.answer)
        if draft.page:
            check_link(draft.page, set(draft.values))


def check_link(page: str, fields: set[str]) -> None:
    """A question leads to a page that there is, and sets fields that it has."""
    module = import_module(f"cnnviz.web.pages.{find_page(page).name}.controls")
    declared = (
        list_controls(each)
        for name, each in vars(module).items()
        if name.endswith("Controls") and getattr(each, "__module__", "") == module.__name__
    )
    known = {name for controls in declared for name in controls} | set(list_controls(BenchControls))
    assert fields <= known


def test_the_same_seed_gives_the_same_question_and_another_one_another() -> None:
    texts = {make_question("output_size", seed).text for seed in range(1, 9)}
    assert len(texts) > 5
    assert make_question("output_size", 4).text == make_question("output_size", 4).text
    with pytest.raises(QuizError, match="no kind"):
        find_kind("nothing")
    with pytest.raises(QuizError, match="seed"):
        make_question("output_size", 0)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    "name", ["output_size", "dilated_size", "same_padding", "transposed_size", "pooling_size"]
)
def test_sizes_are_those_of_torch(name: str, seed: int) -> None:
    question, values = find(name, seed)
    kernel, stride, padding = (values[key] for key in ("kernel", "stride", "padding"))
    channels, filters, dilation = (values[key] for key in ("channels", "filters", "dilation"))
    layer: nn.Module
    if question.draft.values["type"] == "transposed":
        layer = nn.ConvTranspose2d(channels, filters, kernel, stride, padding)
    elif question.draft.values["type"] == "convolution":
        layer = nn.Conv2d(channels, filters, kernel, stride, padding, dilation)
    else:
        layer = nn.MaxPool2d(kernel, stride, padding)
    side = values["height"]
    output = layer(torch.zeros(1, channels, side, side)).shape[-1]
    expected = side if name == "same_padding" else answer_of(question)
    assert output == expected


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    "name",
    ["convolution_parameters", "pointwise_parameters", "grouped_parameters", "linear_parameters"],
)
def test_parameters_are_those_of_torch(name: str, seed: int) -> None:
    question, values = find(name, seed)
    channels, filters = values["channels"], values["filters"]
    layer: nn.Module
    if name == "linear_parameters":
        layer = nn.Linear(channels * values["height"] ** 2, filters)
    else:
        layer = nn.Conv2d(
            channels,
            filters,
            values["kernel"],
            groups=values["groups"],
            bias=bool(values["bias"]),
        )
    assert answer_of(question) == sum(one.numel() for one in layer.parameters())


def test_a_convolution_and_a_pooling_are_those_of_torch() -> None:
    for seed in range(1, 6):
        question, values = find("convolution_cell", seed)
        grids = [
            torch.tensor([[float(one) for one in row.split()] for row in text.split(", ")])
            for text in (question.draft.values["numbers"], question.draft.values["kernel"])
            if isinstance(text, str)
        ]
        found = nn.functional.conv2d(grids[0][None, None], grids[1][None, None]).flatten()
        assert answer_of(question) == float(found[values["cell"]])


def test_the_receptive_field_is_where_the_gradient_is_not_zero() -> None:
    for seed in SEEDS:
        question = make_question("stack_field", seed)
        layers: list[nn.Module] = []
        for word in str(question.draft.values["stack"]).split(", "):
            kernel, _, stride = word.removeprefix("m").partition("s")
            layer = (
                nn.AvgPool2d(int(kernel))
                if word.startswith("m")
                else nn.Conv2d(1, 1, int(kernel), stride=int(stride or 1), bias=False)
            )
            for parameter in layer.parameters():
                nn.init.ones_(parameter)
            layers.append(layer)
        x = torch.ones(1, 1, 128, 128, requires_grad=True)
        (slopes,) = torch.autograd.grad(nn.Sequential(*layers)(x)[0, 0, 0, 0], x)
        assert answer_of(question) == int((slopes[0, 0].abs().sum(dim=0) > 0).sum())


def test_lectures_and_papers_give_the_same_numbers() -> None:
    """CS231n: three 3×3 for one 7×7, 27 C² to 49 C²; VGG-16's fully connected layers."""
    found = {}
    for seed in range(1, 20):
        question = make_question("stack_weights", seed)
        found[str(question.draft.values["against"])] = answer_of(question)
        count = make_question("small_kernels", seed)
        assert 2 * answer_of(count) + 1 == int(str(count.draft.values["against"]))
    assert found["7"] == pytest.approx(100 * 27 / 49)
    assert found["5"] == pytest.approx(100 * 18 / 25)
    shares = {
        question.draft.values["architecture"]: question.write_answer(question.draft.answer)
        for question in (make_question("linear_share", seed) for seed in range(1, 20))
        if isinstance(question.draft.answer, frozenset)
    }
    assert shares["vgg16_d"] == "89.4 %"  # 123.6 of 138.4 million
    assert shares["alexnet_2012"] == "96.2 %"  # 58.6 of 61.0 million


def test_optimizers_do_the_steps_that_the_solutions_write_out() -> None:
    for seed in SEEDS:
        values = make_question("momentum_step", seed).draft.values
        start, rate, momentum = (
            float(str(values[name]).partition("~")[0]) for name in ("start", "rate", "momentum")
        )
        first = start - rate * start
        second = first - rate * (momentum * start + first)
        assert answer_of(make_question("momentum_step", seed)) == pytest.approx(second)
        adam = make_question("adam_step", seed)
        start, rate = (
            float(str(adam.draft.values[name]).partition("~")[0])
            for name in ("start", "adaptive_rate")
        )
        assert answer_of(adam) == pytest.approx(start - math.copysign(rate, start), abs=1e-4)


def test_the_chain_rule_is_that_of_autograd() -> None:
    for seed in SEEDS:
        question = make_question("chain_rule", seed)
        biases = [torch.zeros((), requires_grad=True) for _ in range(4)]
        a = torch.ones(())
        for place, bias in enumerate(biases, start=1):
            a = torch.relu(float(str(question.draft.values[f"w{place}"])) * a + bias)
        (slope,) = torch.autograd.grad(0.5 * (a - 1) ** 2, biases[:1])
        assert answer_of(question) == pytest.approx(float(slope))


def test_normalization_is_that_of_torch() -> None:
    for seed in range(1, 6):
        question = make_question("normalized_value", seed)
        told = re.search(r"values ([\d, -]+)\. .* value ([\d-]+)\?", question.text)
        assert told is not None
        values = torch.tensor([float(one) for one in told[1].split(", ")])
        gamma, beta = (float(str(question.draft.values[name])) for name in ("gamma", "beta"))
        found = gamma * (float(told[2]) - values.mean()) / values.std(correction=0) + beta
        assert answer_of(question) == pytest.approx(float(found), abs=1e-3)
        shared, means = (make_question(name, seed) for name in ("shared_values", "mean_count"))
        images, channels, side = map(
            int, re.findall(r"of (\d+) images have (\d+) channels of (\d+)", means.text)[0]
        )
        total = images * channels * side * side
        in_group = images * channels // answer_of(means) * side * side
        assert total / answer_of(means) == in_group
        assert answer_of(shared) > 1


def test_regularization_and_scaling_follow_torch_and_the_paper() -> None:
    for seed in SEEDS:
        question = make_question("dropout_activation", seed)
        told = re.search(r"activation ([\d.]+)\. .* p = ([\d.]+) ", question.text)
        assert told is not None
        units = torch.full((1000,), float(told[1]))
        kept = nn.functional.dropout(units, float(told[2])).max()
        assert answer_of(question) == pytest.approx(float(kept), rel=1e-5)
    paper = make_question("compound_scaling", 1).draft.values  # α·β²·γ² is about 2
    if paper["alpha"] == 1.2:
        assert answer_of(make_question("compound_scaling", 1)) == pytest.approx(
            2 ** float(str(paper["phi"])), rel=0.15
        )


@pytest.mark.parametrize(
    ("given", "is_right"), [(100.0, True), (100.9, True), (102.0, False), (-100.0, False)]
)
def test_a_number_that_is_not_whole_may_be_off_by_one_percent(given: float, is_right: bool) -> None:
    question = make_question("output_memory", 1)
    assert question.is_right(answer_of(question) * given / 100) is is_right


def test_pictures_are_of_real_networks_and_the_right_one_is_not_always_the_first() -> None:
    places: set[int] = set()
    for seed in range(1, 7):
        question = make_question("changed_image", seed)
        assert question.draft.picture is not None
        images = question.draft.picture.images
        assert len(images) == 4
        assert all(pixels.dtype == np.uint8 for pixels, _ in images)
        assert isinstance(question.draft.answer, frozenset)
        places |= question.draft.answer
    assert len(places) > 1


def test_of_four_changes_of_one_size_the_right_one_alone_fools_the_network() -> None:
    model = load_model("alexnet64")
    view = model.spec.preprocessing

    def predict(pixels: npt.NDArray[np.uint8]) -> int:
        with torch.no_grad():
            return int(model.module(view.prepare(pixels)).argmax())

    originals = [
        view.view(view.prepare(load_named(name).pixels))
        for name in ("cat", "coffee", "rocket", "motorcycle", "palace", "flower")
    ]
    strengths = set()
    for seed in (1, 2, 4, 5, 7, 9):  # with each of the strengths
        question = make_question("fooling_image", seed)
        picture, strength = question.draft.picture, question.draft.values["epsilon"]
        assert picture is not None
        strengths.add(strength)
        assert len(picture.images) == 4
        fooled: set[int] = set()
        for place, (pixels, _) in enumerate(picture.images):
            sizes = [int(abs(pixels.astype(int) - one).max()) for one in originals]
            assert min(sizes) == strength
            if predict(pixels) != predict(originals[sizes.index(min(sizes))]):
                fooled.add(place)
        assert question.draft.answer == frozenset(fooled)
    assert strengths == {8, 12, 16}


def test_the_map_of_a_class_is_where_its_object_is() -> None:
    """On a pair, the left object's Grad-CAM is strongest on the left."""
    for seed in SEEDS:
        question = make_question("class_of_map", seed)
        picture = question.draft.picture
        assert picture is not None
        assert picture.maps is not None
        assert isinstance(question.draft.answer, frozenset)
        (place,) = question.draft.answer
        values = unpack(picture.maps.panels[place].frames[0])
        halves = values[:, :48].clip(0).sum(), values[:, 48:].clip(0).sum()
        side = "left" if halves[0] > halves[1] else "right"
        assert f"on the {side}" in question.solution


def unpack(frame: str) -> npt.NDArray[np.float64]:
    cells = np.frombuffer(base64.b64decode(frame), dtype=np.int8).astype(np.float64)
    return cells.reshape(96, 96)


def test_a_score_counts_first_tries_and_opened_solutions() -> None:
    first, second, third, unseen = (
        Attempt(make_question("output_size", seed)) for seed in (1, 2, 3, 4)
    )
    first.answer(answer_of(first.question))
    second.answer(answer_of(second.question) + 1)
    second.answer(answer_of(second.question))
    third.is_open = True
    third.answer(answer_of(third.question))  # too late
    score = count_scores((first, second, third, unseen))[Topic.CONVOLUTION]
    assert (score.asked, score.right, score.first) == (3, 2, 1)
    rows = list_results((first, second, third, unseen))
    assert [row["tries"] for row in rows] == [1, 2, 0]
    assert [row["right"] for row in rows] == [1, 1, 0]
    assert [row["solution opened"] for row in rows] == [0, 0, 1]


def test_what_a_teacher_reveals_counts_nothing_unless_it_was_answered() -> None:
    unanswered, wrong = (Attempt(make_question("output_size", seed)) for seed in (1, 2))
    wrong.answer(answer_of(wrong.question) + 1)
    for one in (unanswered, wrong):
        one.is_revealed = True
        one.answer(answer_of(one.question))  # too late
        assert one.is_over
    score = count_scores((unanswered, wrong))[Topic.CONVOLUTION]
    assert (score.asked, score.right, score.first) == (1, 0, 0)
    assert count_scores((unanswered,)) == {}
    assert list_results((unanswered,)) == []


def test_texts_without_a_solution_are_refused() -> None:
    with pytest.raises(ValueError, match="---"):
        parse_texts("# Topic\n\n## name: Title\nA question without a solution.\n")
