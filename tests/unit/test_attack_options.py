"""An attack has only the options of its method, so that equal attacks are one result."""

from cnnviz.adversarial.craft import Method, choose_options
from cnnviz.adversarial.gradient import Norm


def test_what_a_method_does_not_have_is_left_out() -> None:
    fgsm, pgd, lbfgs = (
        choose_options(method, norm=Norm.LINF, steps=9, target=None, random_start=True)
        for method in (Method.FGSM, Method.PGD, Method.LBFGS)
    )
    assert (fgsm.steps, fgsm.norm, fgsm.random_start) == (1, Norm.LINF, False)
    assert (pgd.steps, pgd.norm, pgd.random_start) == (9, Norm.LINF, True)
    assert (lbfgs.steps, lbfgs.norm, lbfgs.random_start) == (9, Norm.L2, False)
