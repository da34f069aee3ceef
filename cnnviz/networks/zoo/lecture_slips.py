"""Where a lecture's or paper's printed number is a slip: what the calculation gives, and why."""

FC6 = (
    "One slide prints 37,725,832 for fc6. Its weights are 9216 · 4096 = 37,748,736, and with the "
    "4096 biases 37,752,832."
)
ALEXNET_2012 = (
    FC6,
    (
        "The paper counts 253,440 neurons in its first layer; 96 maps of 55×55 are 290,400. Its "
        "150,528 inputs are 3·224·224; at 227 there are 154,587."
    ),
    "One slide lists the first pooling's output as 227×227×96; it is 27×27×96.",
)
ALEXNET_ONE_GPU = (
    FC6,
    (
        "A lecture's table prints 145 million multiply-adds for conv4; "
        "256 · 13 · 13 · 384 · 3 · 3 = 149,520,384."
    ),
    (
        "The printed total of 1.9 MB of activations leaves out the poolings; with them it is "
        "2.2 MB. Its rows for fc6 to fc8 print weights without biases, those of the convolutions "
        "with biases."
    ),
)
VGG16 = (
    (
        "A lecture prints 13.6 GFLOP for VGG-16; all its layers make 15.47 billion multiply-adds. "
        "The difference is what conv3_3 alone costs, 1,849,688,064: the lecture seems to have "
        "counted two layers in the third stage."
    ),
    (
        "The printed 48.6 MB of activations leaves out conv3_3, the poolings and the fully "
        "connected layers; all together are 57.6 MB."
    ),
    (
        "“VGG-16 down to 28×28” is printed as 42.9 MB, 1.1 M parameters and 7,485 million "
        "multiply-adds: again without conv3_3 and the poolings' memory. With them it is 51.3 MB, "
        "1.7 M and 9,335 million."
    ),
)
GOOGLENET = (
    (
        "Lectures print 5 million parameters, 12 times fewer than AlexNet. Its layers have "
        "6,998,552, which is 8.7 times fewer than AlexNet's 60,965,224."
    ),
    (
        "A lecture's five rows for the stem add up to 481 million multiply-adds, not to the 418 "
        "printed below them."
    ),
    (
        "For an inception module on 28×28×256 a lecture prints 358 million multiply-adds with "
        "reductions. Its branches add up to 271,351,808: the 3×3 branch's 86,704,128 were added "
        "twice. The 854 million without reductions are right."
    ),
)
ALL_CNN_C = (
    (
        "The paper's table, and the lecture after it, print 1.3 M parameters; the layers of its "
        "table 1 have 954,730."
    ),
)
BOTTLENECK_RESNETS = (
    (
        "3.8, 7.6 and 11.3 GFLOP for ResNet-50, -101 and -152 are this version's; torchvision's "
        "count 4.09, 7.80 and 11.51 billion multiply-adds."
    ),
)
