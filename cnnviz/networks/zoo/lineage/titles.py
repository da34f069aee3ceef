"""What students are told a layer is: names for every layer of the lineage."""

from collections.abc import Iterable

Titles = dict[str, str]


def title_convolutions(numbers: Iterable[str]) -> Titles:
    """Name the convolutions of a chain: convN, normN and reluN."""
    titles: Titles = {}
    for number in numbers:
        titles |= _title_trio("", number, f"Conv{number.replace('_', '-')}")
    return titles


def title_pools(numbers: Iterable[int]) -> Titles:
    """Name the poolings of a chain."""
    return {f"pool{number}": f"Pool{number}" for number in numbers}


def title_fully_connected() -> Titles:
    """Name the three fully connected layers at the end of AlexNet, ZFNet and VGG."""
    titles = {"flatten": "Maps as a vector", "fc8": "Output"}
    for number in (6, 7):
        titles |= {
            f"fc{number}": f"FC{number}",
            f"relu{number}": f"FC{number} after ReLU",
            f"drop{number}": f"FC{number} after dropout",
        }
    return titles


def title_average(*, output: bool = True) -> Titles:
    """Name the average of each map and what follows it."""
    titles = {"mean": "Mean of each map", "flatten": "Means as a vector" if output else "Output"}
    return titles | ({"output": "Output"} if output else {})


def title_inceptions(names: Iterable[str]) -> Titles:
    """Name the four branches of inception modules, and where they are joined."""
    titles: Titles = {}
    for order, name in enumerate(names):
        module = name.removeprefix("inception")
        for branch, layer, words in (
            ("branch1", "1x1", "1×1"),
            ("branch3", "_reduce", "1×1 before 3×3"),
            ("branch3", "3x3", "3×3"),
            ("branch5", "_reduce", "1×1 before 5×5"),
            ("branch5", "5x5", "5×5"),
            ("branch_pool", "_project", "1×1 after pooling"),
        ):
            titles |= _title_trio(f"{name}_{branch}", layer, f"Inception {module}, {words}")
        titles[f"{name}_branch_pool_pool"] = f"Inception {module}, pooling"
        titles[_number("cat", order)] = f"Inception {module}, branches joined"
    return titles


def title_fires(names: Iterable[str]) -> Titles:
    """Name the layers of fire modules, and where the expansions are joined."""
    titles: Titles = {}
    for order, name in enumerate(names):
        module = f"Fire {name.removeprefix('fire')}"
        titles |= _title_trio(f"{name}_squeeze", "", f"{module}, squeeze")
        titles |= _title_trio(f"{name}_expand1", "1x1", f"{module}, expand 1×1")
        titles |= _title_trio(f"{name}_expand3", "3x3", f"{module}, expand 3×3")
        titles[_number("cat", order)] = f"{module}, expansions joined"
    return titles


def title_dense_blocks(counts: Iterable[int]) -> Titles:
    """Name the layers of dense blocks, the joined maps, and the transitions between blocks."""
    titles: Titles = {}
    joined = 0
    for block, count in enumerate(counts, start=1):
        for number in range(1, count + 1):
            layer = f"Dense {block}-{number}"
            prefix = f"dense{block}_{number}"
            titles |= {
                f"{prefix}_norm1": f"{layer}, inputs normalized",
                f"{prefix}_relu1": f"{layer}, inputs after ReLU",
                f"{prefix}_conv1": f"{layer}, 1×1",
                f"{prefix}_norm2": f"{layer}, 1×1 normalized",
                f"{prefix}_relu2": f"{layer}, 1×1 after ReLU",
                f"{prefix}_conv2": f"{layer}, new maps",
                _number("cat", joined): f"{layer}, new maps joined to all before",
            }
            joined += 1
        titles |= {
            f"norm_after{block}": f"Dense block {block} normalized",
            f"relu_after{block}": f"Dense block {block} after ReLU",
            f"transition{block}": f"Transition {block}, 1×1",
            f"halve{block}": f"Transition {block}, average pooling",
        }
    return titles


def title_blocks(counts: Iterable[int], *, plain: bool = False, excited: bool = False) -> Titles:
    """Name the layers of residual blocks, with the stages numbered as in the paper, from 2."""
    titles: Titles = {}
    order = 0
    for stage, count in enumerate(counts, start=2):
        for number in range(count):
            letter = chr(ord("a") + number)
            titles |= _title_block(f"conv{stage}_{letter}", f"Block {stage}{letter}")
            name = f"Block {stage}{letter}"
            if not plain:
                titles[_number("add", order)] = f"{name}, sum with the shortcut"
            if excited:
                titles[_number("mul", order)] = f"{name}, maps weighed"
            order += 1
    return titles


def _title_block(prefix: str, name: str) -> Titles:
    return {
        f"{prefix}_conv1": f"{name}, first 3×3",
        f"{prefix}_norm1": f"{name}, first 3×3 normalized",
        f"{prefix}_relu1": f"{name}, first 3×3 after ReLU",
        f"{prefix}_conv2": f"{name}, second 3×3",
        f"{prefix}_norm2": f"{name}, second 3×3 normalized",
        f"{prefix}_attend_mean": f"{name}, mean of each map",
        f"{prefix}_attend_squeeze": f"{name}, squeeze",
        f"{prefix}_attend_relu": f"{name}, squeeze after ReLU",
        f"{prefix}_attend_excite": f"{name}, excitation",
        f"{prefix}_attend_sigmoid": f"{name}, weights of the maps",
        f"{prefix}_project_conv": f"{name}, 1×1 on the shortcut",
        f"{prefix}_project_norm": f"{name}, shortcut normalized",
        f"{prefix}_relu2": f"{name} after ReLU",
    }


def title_depthwise(numbers: Iterable[int]) -> Titles:
    """Name MobileNet's pairs of a depthwise and a 1×1 layer."""
    titles: Titles = {}
    for number in numbers:
        name = f"Pair {number}"
        titles |= {
            f"depthwise{number}": f"{name}, depthwise 3×3",
            f"depthnorm{number}": f"{name}, depthwise 3×3 normalized",
            f"depthrelu{number}": f"{name}, depthwise 3×3 after ReLU",
            **_title_trio("", str(number), f"{name}, 1×1"),
        }
    return titles


def _title_trio(prefix: str, layer: str, name: str) -> Titles:
    """Name a convolution, its normalisation and its ReLU."""
    before = f"{prefix}_" if prefix else ""
    return {
        f"{before}conv{layer}": name,
        f"{before}norm{layer}": f"{name} normalized",
        f"{before}relu{layer}": f"{name} after ReLU",
    }


def _number(operation: str, order: int) -> str:
    """Return the name that the trace gives an operation without a module: add, add_1, add_2."""
    return f"{operation}_{order}" if order else operation
