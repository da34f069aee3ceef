"""Names beside points, where a person would put them."""

from cnnviz.figures.label_placement import PLOT_HEIGHT, Named, place_names


def test_a_name_alone_stands_above_its_point() -> None:
    assert place_names([Named(0.5, 0.5, 6, "AlexNet")]) == ["top center"]


def test_a_second_name_gives_way() -> None:
    near = 6 / PLOT_HEIGHT  # less than a line higher
    points = [Named(0.5, 0.5, 6, "MaxViT-T"), Named(0.5, 0.5 + near, 6, "Swin-B")]
    assert place_names(points) == ["top center", "bottom center"]


def test_where_there_is_no_room_the_less_important_ones_have_no_name() -> None:
    points = [Named(0.5, 0.5, 6, "EfficientNet-v2 S") for _ in range(6)]
    assert place_names(points) == [
        "top center", "middle left", "bottom center", "middle right", "", ""
    ]  # fmt: skip


def test_points_far_apart_all_have_theirs_above() -> None:
    points = [Named(place / 4, place / 4, 20, "ResNet-152") for place in range(5)]
    assert place_names(points) == ["top center"] * 5


def test_a_name_does_not_lie_over_the_axis_at_the_left() -> None:
    points = [Named(x, 0.5, 6, "MobileNet-v3 small") for x in (0.05, 0.05, 0.05)]
    assert place_names(points) == ["top center", "bottom center", "middle right"]
