"""The figures of the signal-propagation lab: strengths forward and backward, activations, and values by their size."""

from __future__ import annotations

from collections.abc import Sequence

from explorer.records.residual import Signals
from explorer.ui.shell import layout
from explorer.ui.shell.exhibit import Code, Exhibit
from explorer.ui.shell.words import t

_HEIGHT = 340


def strengths(found: Signals, sentence: str) -> list[Exhibit]:
    """Deviation of the pre-activations on the way forward, gradients on the way back, each with its prediction."""
    return [
        _strength(found, sentence, "forward", found.deviation, found.predicted_deviation),
        _strength(found, sentence, "backward", found.gradient, found.predicted_gradient),
    ]


def _strength(
    found: Signals, sentence: str, way: str, measured: Sequence[float], predicted: Sequence[float]
) -> Exhibit:
    from explorer.figures import palette
    from explorer.figures.signals import Line, lines

    colour, faint = (palette.BLUE, palette.ORANGE) if way == "forward" else (palette.GREEN, palette.ORANGE)
    curves = [Line(t("residual.measured"), list(zip(found.layers, measured, strict=True)), colour)]
    if predicted:
        points = list(zip(found.layers, predicted, strict=True))
        curves.append(Line(t("residual.predicted"), points, faint, dashed=True))
    words = {"x": t("residual.layer"), "y": t(f"residual.strength.{way}")}
    title = t(f"residual.strength_title.{way}")
    option = lines(curves, theme=layout.theme(), words=words, title=title, logarithmic=True)
    return Exhibit(
        f"residual-{way}",
        option,
        sentence,
        rows=lambda: _rows(found),
        formula=_formula(found),
        code=_code,
        height=_HEIGHT,
    )


def _formula(found: Signals) -> str:
    """The recursion behind the dashed lines."""
    if not found.predicted_deviation:
        return ""
    read = r"\hat z" if found.settings.norm else r"\sqrt{q_l}\, z"
    step = rf"\sigma_w^2\, \mathbb{{E}}\big[\varphi({read})^2\big]"
    if found.settings.skip:
        return rf"q_{{l+2}} = q_l + \alpha^2 q_F, \quad q_F = {step} \text{{ (2×)}}"
    if found.settings.norm:
        return (
            rf"q_{{l+1}} = {step}, \quad \chi = \frac{{\mathbb{{E}}[\varphi'(\hat z)^2]}}"
            r"{\mathrm{Var}[\varphi(\hat z)]} \quad \Big(\text{ReLU: } \frac{\pi}{\pi - 1}\Big)"
        )
    return rf"q_{{l+1}} = {step}, \quad \chi_l = \sigma_w^2\, \mathbb{{E}}\big[\varphi'({read})^2\big]"


def _rows(found: Signals) -> list[dict[str, object]]:
    columns = {
        t("residual.strength.forward"): found.deviation,
        t("residual.predicted_forward"): found.predicted_deviation,
        t("residual.strength.backward"): found.gradient,
        t("residual.predicted_backward"): found.predicted_gradient,
        t("residual.mean"): found.mean,
        t("residual.spread"): found.spread,
        t("residual.silent"): found.silent,
    }
    return [
        {t("residual.layer"): layer, **{name: _short(values[place]) for name, values in columns.items() if values}}
        for place, layer in enumerate(found.layers)
    ]


def activations(found: Signals) -> list[Exhibit]:
    """Mean and deviation of the activations; silent units, and the gradients of the weights."""
    from explorer.figures import palette
    from explorer.figures.signals import Line, lines

    theme, layer = layout.theme(), t("residual.layer")
    said = t("residual.activations_say", mean=f"{found.mean[-1]:.3g}", silent=f"{100 * found.silent[-1]:.0f}")
    curves = [
        Line(t("residual.mean"), list(zip(found.layers, found.mean, strict=True)), palette.BLUE),
        Line(t("residual.spread"), list(zip(found.layers, found.spread, strict=True)), palette.SKY),
    ]
    title = t("residual.activations_title")
    values = lines(curves, theme=theme, words={"x": layer, "y": t("residual.activation_y")}, title=title)
    silent = [
        Line(
            t("residual.silent"),
            [(at, 100 * s) for at, s in zip(found.layers, found.silent, strict=True)],
            palette.PINK,
        )
    ]
    words = {"x": layer, "y": "%"}
    share = lines(silent, theme=theme, words=words, title=t("residual.silent_title"), limits=(0, 100))
    return [
        Exhibit("residual-activations", values, said, height=_HEIGHT),
        Exhibit("residual-silent", share, said, height=_HEIGHT),
    ]


def updates(found: Signals) -> Exhibit:
    """The gradient of every layer's weights: what a first step of training would change."""
    from explorer.figures import palette
    from explorer.figures.signals import Line, lines

    values = list(enumerate(found.weight_gradient, start=1))
    words = {"x": t("residual.layer"), "y": t("residual.weight_gradient_y")}
    curve = Line(t("residual.weight_gradient"), values, palette.GREEN)
    title = t("residual.weight_gradient_title")
    option = lines([curve], theme=layout.theme(), words=words, title=title, logarithmic=True)
    least, most = min(found.weight_gradient), max(found.weight_gradient)
    said = t("residual.weight_gradient_say", least=f"{least:.2g}", most=f"{most:.2g}")
    rows = [{words["x"]: layer, words["y"]: _short(value)} for layer, value in values]
    return Exhibit("residual-updates", option, said, rows, code=_code, height=_HEIGHT)


def by_size(found: Signals) -> list[Exhibit]:
    """How many activations, and how many gradients, have what size in every layer: two heat maps."""
    from explorer.figures.signals import sizes

    made = []
    for way, shares in (("forward", found.forward), ("backward", found.backward)):
        title = t(f"residual.sizes_title.{way}")
        words = {"x": t("residual.layer"), "y": t(f"residual.sizes.{way}")}
        words |= {"zero": t("residual.exactly_zero"), "share": t("residual.share")}
        option = sizes(found.layers, shares, found.decades, theme=layout.theme(), words=words, title=title)
        said = t(f"residual.sizes_say.{way}", zero=f"{100 * shares[0][0]:.0f}", last=f"{100 * shares[-1][0]:.0f}")
        made.append(Exhibit(f"residual-sizes-{way}", option, said, code=_code, height=_HEIGHT))
    return made


def _code() -> Code:
    from explorer.blocks.signals import activate, forward, propagate

    return propagate, forward, activate


def _short(value: float) -> float:
    return float(f"{value:.4g}")
