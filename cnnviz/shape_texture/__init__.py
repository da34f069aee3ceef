"""Shape against texture: which of the two a network goes by.

Source: Geirhos, Rubisch, Michaelis, Bethge, Wichmann and Brendel 2019, "ImageNet-trained CNNs are
biased towards texture; increasing shape bias improves accuracy and robustness", ICLR.
"""
