"""Networks against networks, drawn: what stands where, and names as short as they may be."""

from cnnviz.figures.matrix import MatrixCell, draw_matrix, shorten_titles


def test_a_cell_stands_in_its_network_s_row_and_column() -> None:
    figure = draw_matrix(
        [
            [None, MatrixCell(share=0.25, text="25", says="named in 25")],
            [MatrixCell(share=1.0, text="100", says="named in 100"), None],
        ],
        rows=["A", "B"],
        columns=["A", "B"],
    )
    (cells,) = figure.data
    assert cells.z[0][1] == 0.25
    assert cells.z[0][0] is None
    assert cells.text[1][0] == "100"
    assert (cells.y[0], cells.x[1]) == ("A", "B")
    assert figure.layout.yaxis.autorange == "reversed"  # so that the first row is above
    assert (cells.zmin, cells.zmax) == (0, 1)  # the same colour for the same share everywhere
    assert cells.customdata[0][1] == "named in 25"


def test_an_ending_is_left_out_only_where_all_share_it() -> None:
    published = ["VGG-16 (torchvision)", "ViT-B/16 (torchvision)"]
    assert shorten_titles(published) == ["VGG-16", "ViT-B/16"]
    mixed = ["VGG", "VGG-16 (torchvision)"]
    assert shorten_titles(mixed) == mixed
    assert shorten_titles(["LeNet-5"]) == ["LeNet-5"]
    assert shorten_titles([]) == []
