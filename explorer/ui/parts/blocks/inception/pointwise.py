"""1x1 convolution: one fully connected layer at every position; a trained one at work, and what shrinking costs."""

from __future__ import annotations

import streamlit as st

from explorer.arithmetic import conv_cost
from explorer.figures.inception_curves import dot_product
from explorer.records import InputImage
from explorer.records.inception import PointwiseLayer
from explorer.ui.cached.blocks import inception as cached
from explorer.ui.parts.blocks.inception import linked_view
from explorer.ui.parts.blocks.inception.state import STATE
from explorer.ui.parts.blocks.inception.words import formula, thousands
from explorer.ui.shell import exhibit, layout
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.words import t
from explorer.ui.widgets import inputs
from explorer.ui.widgets.image import choose_image


def show() -> None:
    """The view: by hand, in a trained network, and what it saves."""
    linked_view.show()
    _trained()
    _shrinking()


# --- a trained one ----------------------------------------------------------------------------------------------------


def _trained() -> None:
    layout.section(t("inception.at_work"), t("inception.at_work_note"))
    choose, where = st.columns([1, 1], gap="medium")
    with choose:
        image = choose_image(STATE.image, 3)
    with where:
        left, middle, right = st.columns(3)
        with left:
            row = inputs.number(STATE.row)
        with middle:
            column = inputs.number(STATE.column)
        with right:
            number = inputs.number(STATE.filter)
    with layout.waiting():
        layer = cached.pointwise(image)
    _sum(layer, row, column, number)
    _maps(image, layer)


def _sum(layer: PointwiseLayer, row: int, column: int, number: int) -> None:
    """The dot product at one position."""
    values = layer.inputs[:, row, column].tolist()
    weights = layer.weights[number - 1].tolist()
    products = [value * weight for value, weight in zip(values, weights, strict=True)]
    given = float(layer.outputs[number - 1, row, column])
    title = t("inception.sum_title", row=row, column=column, filter=number)
    option = dot_product(
        products,
        theme=layout.theme(),
        across=t("inception.input_channel"),
        upright=t("inception.product"),
        sums=t("inception.running"),
        title=title,
    )
    sentence = t(
        "inception.sum_say",
        row=row,
        column=column,
        filter=number,
        count=len(products),
        total=f"{sum(products):.4f}",
        given=f"{given:.4f}",
        difference=f"{layer.difference:.1g}",
    )
    rows = [
        {
            t("inception.input_channel"): k,
            t("inception.value"): round(value, 5),
            t("inception.weight_column"): round(weight, 5),
            t("inception.product"): round(value * weight, 6),
        }
        for k, (value, weight) in enumerate(zip(values, weights, strict=True), start=1)
    ]
    st.markdown(sentence)
    exhibit.show(Exhibit("inception-sum", option, sentence, rows, formula=_SUM, code=_code, height=280))


_SUM = r"z_k[i,j] = \sum_{c=1}^{32} w_{k,c}\, a_c[i,j] + b_k"


def _code() -> exhibit.Code:
    from explorer.inspection import pointwise_layer

    return (pointwise_layer,)


def _maps(image: InputImage, layer: PointwiseLayer) -> None:
    read, given = len(layer.inputs), len(layer.outputs)
    drawn = [
        Exhibit(f"inception-{key}", cached.maps_png(image, inputs=key == "read"), said, note=said)
        for key, said in (
            ("read", t("inception.maps_read", count=read)),
            ("given", t("inception.maps_given", count=given)),
        )
    ]
    exhibit.side_by_side(drawn)


# --- what it saves ----------------------------------------------------------------------------------------------------


def _shrinking() -> None:
    layout.section(t("inception.shrinking"), t("inception.shrinking_note"))
    desk = STATE.desk
    places = st.columns(4)
    with places[0]:
        height = inputs.number(desk.height)
    with places[1]:
        width = inputs.number(desk.width)
    with places[2]:
        n_in = inputs.number(desk.n_in)
    with places[3]:
        n_out = inputs.number(desk.n_out)
    costs = [conv_cost((height, width), n_in, n_out, (f, f)) for f in (1, 3, 5)]
    one = costs[0]
    layout.facts(
        [
            (
                t("inception.fact_volume"),
                f"{height}×{width}×{n_in} → {height}×{width}×{n_out}",
                t("inception.same_grid"),
            ),
            (t("inception.fact_parameters"), thousands(one.parameters.value), one.parameters.substituted),
            (t("inception.fact_macs"), thousands(one.macs.value), one.macs.substituted),
        ]
    )
    said = t("inception.shrink_say", macs=formula(one.macs), three=9, five=25)
    rows = [
        {
            t("inception.kernel_column"): f"{cost.kernel[0]}×{cost.kernel[1]}",
            t("inception.fact_parameters"): str(cost.parameters),
            t("inception.fact_macs"): str(cost.macs),
        }
        for cost in costs
    ]
    st.markdown(said)
    st.dataframe(rows, hide_index=True)
