"""LeNet-5 (LeCun, Bottou, Bengio and Haffner 1998, "Gradient-based learning", section II.B)."""

from torch import Tensor, nn

from cnnviz.digits import mnist
from cnnviz.networks.zoo.registry import NetworkSpec, Preprocessing, register


class LeNet5(nn.Module):
    """LeNet-5: (N, 1, 32, 32) to ten logits (N, 10)."""

    def __init__(self) -> None:
        super().__init__()
        self.c1 = nn.Conv2d(1, 6, kernel_size=5)
        self.relu1 = nn.ReLU()
        self.s2 = nn.AvgPool2d(kernel_size=2)
        self.c3 = nn.Conv2d(6, 16, kernel_size=5)
        self.relu3 = nn.ReLU()
        self.s4 = nn.AvgPool2d(kernel_size=2)
        self.c5 = nn.Conv2d(16, 120, kernel_size=5)
        self.relu5 = nn.ReLU()
        self.f6 = nn.Linear(120, 84)
        self.relu6 = nn.ReLU()
        self.output = nn.Linear(84, 10)

    def forward(self, x: Tensor) -> Tensor:
        """Compute the logits.

        Args:
            x: Digits, (N, 1, 32, 32); paper is −0.1 and full ink 1.175.

        Returns:
            Logits, (N, 10).
        """
        x = self.s2(self.relu1(self.c1(x)))  # (N, 6, 28, 28) -> (N, 6, 14, 14)
        x = self.s4(self.relu3(self.c3(x)))  # (N, 16, 10, 10) -> (N, 16, 5, 5)
        x = self.relu5(self.c5(x))  # (N, 120, 1, 1)
        x = x.flatten(1)  # (N, 120)
        x = self.relu6(self.f6(x))  # (N, 84)
        logits: Tensor = self.output(x)  # (N, 10)
        return logits


LENET5 = register(
    NetworkSpec(
        name="lenet5",
        title="LeNet-5",
        year=1998,
        paper=(
            "Y. LeCun, L. Bottou, Y. Bengio, P. Haffner: Gradient-based learning applied to "
            "document recognition. Proceedings of the IEEE 86(11), 1998"
        ),
        idea=(
            "Small kernels shared over the whole image, alternating with subsampling: the plan "
            "that every later network of the course elaborates."
        ),
        changes=(
            "Kept: the input of 32×32, all layer sizes, average subsampling, and the paper's pixel "
            "scale (paper −0.1, ink 1.175). Changed, as in today's courses: ReLU for the scaled "
            "tanh, subsampling without its own coefficient and bias, every C3 map sees all six S2 "
            "maps, and a linear layer with softmax for the radial basis outputs."
        ),
        build=LeNet5,
        preprocessing=Preprocessing(
            shape=(1, 32, 32),
            prepare=mnist.prepare_image,
            view=mnist.view_input,
            find_fault=mnist.find_fault,
            description=(
                "In gray, with the ink bright on a dark ground; cut to the ink's box, scaled to "
                "fit 20×20, and its center of mass set in the middle of 32×32, as MNIST does."
            ),
            # Ink from 0 to 1 becomes −0.1 to 1.175.
            mean=(-mnist.PAPER_VALUE / (mnist.INK_VALUE - mnist.PAPER_VALUE),),
            std=(1 / (mnist.INK_VALUE - mnist.PAPER_VALUE),),
        ),
        classes=tuple("0123456789"),
        layer_titles={
            "c1": "C1",
            "relu1": "C1 after ReLU",
            "s2": "S2",
            "c3": "C3",
            "relu3": "C3 after ReLU",
            "s4": "S4",
            "c5": "C5",
            "relu5": "C5 after ReLU",
            "flatten": "C5 as a vector",
            "f6": "F6",
            "relu6": "F6 after ReLU",
            "output": "Output",
        },
    )
)
