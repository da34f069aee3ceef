"""The table of all networks, against what torchvision's documentation and our model cards print."""

import csv
import io

from cnnviz.figures.networks import (
    COLUMNS,
    list_network_rows,
    tabulate_networks,
    write_networks_csv,
)
from cnnviz.networks.weights.files import find_weights, read_card
from cnnviz.networks.zoo import get_network


def test_the_table_says_what_is_known_and_leaves_the_rest_empty() -> None:
    lenet = find_weights("lenet5")
    assert lenet is not None
    rows = list_network_rows(
        [get_network("lenet5"), get_network("alexnet")],
        files={"lenet5": lenet},
        cards={"lenet5": read_card("lenet5").facts},
    )
    table = tabulate_networks(rows)
    assert tuple(table) == COLUMNS
    assert table["Weights here"] == ["comes with CNNViz", None]
    assert table["Top-1 %"] == [None, 56.522]
    # Its card: 9,947 of MNIST's 10,000 test digits are right.
    assert table["Held-out top-1 %"] == [99.47, None]
    assert table["Paper"][1] == get_network("alexnet").paper
    assert table["Parameters, M"] == [0.06, 61.1]
    assert table["Multiply-adds, G"] == [0.0004, 0.714]
    assert table["Input"] == ["1×32×32", "3×224×224"]
    # 233.087 units of 2**20 bytes.
    assert table["Download, MB"] == [None, 244.4]
    lines = list(csv.reader(io.StringIO(write_networks_csv(rows).decode())))
    assert lines[0] == ["Name", *COLUMNS]
    assert [line[0] for line in lines[1:]] == ["lenet5", "alexnet"]
    assert len(lines) == 3
