"""Every page of the app, in the order of the course; navigation, home page and tests read it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PageEntry:
    """A page of the app.

    Attributes:
        script: File under pages/.
        url: Path in the address bar; empty for the home page.
        title: Name in the navigation and the browser's tab.
        summary: One sentence on what a visitor sees there.
    """

    script: str
    url: str
    title: str
    summary: str


HOME = PageEntry(
    script="home.py",
    url="",
    title="Home",
    summary="What there is to see, and which networks are loaded.",
)

ACTIVATIONS = PageEntry(
    script="activations.py",
    url="activations",
    title="Activations and filters",
    summary="Open any layer of a network on a picture of your own, map by map.",
)

COSTS = PageEntry(
    script="costs.py",
    url="costs",
    title="What a network costs",
    summary="Memory, parameters and multiply-adds of every architecture, layer by layer.",
)

# Group names as in the course; the home page stands alone above them.
GROUPS: dict[str, tuple[PageEntry, ...]] = {
    "Basics": (
        PageEntry(
            script="convolution.py",
            url="convolution",
            title="Convolution and pooling",
            summary="Slide a kernel over numbers or your drawing, and see every sum written out.",
        ),
        PageEntry(
            script="digit.py",
            url="digit",
            title="Draw a digit",
            summary="Draw a digit and watch every layer of LeNet-5 answer while the pen moves.",
        ),
    ),
    "Inside": (
        PageEntry(
            script="whole_network.py",
            url="whole_network",
            title="The whole network",
            summary="See every layer at once on your image, from the pixels to the answer.",
        ),
        ACTIVATIONS,
        PageEntry(
            script="receptive_fields.py",
            url="receptive_fields",
            title="Receptive fields",
            summary="Stack kernels and watch the patch of pixels behind one number grow.",
        ),
        PageEntry(
            script="excites.py",
            url="excites",
            title="Feature visualization",
            summary="Grow the image that excites a class, a channel or a neuron most.",
        ),
    ),
    "Why": (
        PageEntry(
            script="attribution.py",
            url="attribution",
            title="Attribution maps",
            summary="Grad-CAM and its family for two classes at once, and whether to believe them.",
        ),
        PageEntry(
            script="occlusion.py",
            url="occlusion",
            title="Occlusion",
            summary="Cover the picture square by square and watch the network change its mind.",
        ),
    ),
    "Fool it": (
        PageEntry(
            script="adversarial.py",
            url="adversarial",
            title="Adversarial examples",
            summary="A change too small to see makes a network predict another class.",
        ),
        PageEntry(
            script="fooling.py",
            url="fooling",
            title="Fooling images",
            summary="Evolve a pattern from nothing until a network is sure of its class.",
        ),
        PageEntry(
            script="linear.py",
            url="linear",
            title="Fooling a linear classifier",
            summary="One template for each class, and how its own weights fool it.",
        ),
        PageEntry(
            script="texture.py",
            url="texture",
            title="Shape against texture",
            summary="Give a cup the fur of a cat, and see which of the two each network names.",
        ),
    ),
    "Architectures": (
        PageEntry(
            script="architectures.py",
            url="architectures",
            title="How architectures grew",
            summary="LeNet-5 to ConvNeXt by the block that each is known for, and what it costs.",
        ),
        COSTS,
        PageEntry(
            script="tradeoffs.py",
            url="tradeoffs",
            title="Accuracy against cost",
            summary="Every network as a bubble, and which one to choose for your budget.",
        ),
        PageEntry(
            script="compare.py",
            url="compare",
            title="Compare on your image",
            summary="Several networks on one picture, and how hard it may get before each breaks.",
        ),
        PageEntry(
            script="networks.py",
            url="networks",
            title="Networks",
            summary="Every network of this app: its facts, its weights, and how to add your own.",
        ),
    ),
}


def list_pages() -> tuple[PageEntry, ...]:
    """Return all pages, the home page first."""
    return (HOME, *(page for pages in GROUPS.values() for page in pages))


def find_page(url: str) -> PageEntry:
    """Return the page of this address.

    Raises:
        KeyError: There is none.
    """
    return {page.url: page for page in list_pages()}[url]
