"""Looking inside a trained network."""

from __future__ import annotations

from explorer.glossary.contract import Term, grouped

SPECS = grouped(
    "looking",
    Term(
        "attribution",
        "why",
        {"methods": "saliency"},
        r"S_{ij} = \max_c \left| \frac{\partial z_y}{\partial x_{c,ij}} \right|",
        ("grad-cam", "integrated-gradients", "effective-field", "logit"),
        "Simonyan, Vedaldi & Zisserman 2013, arXiv:1312.6034",
    ),
    Term(
        "grad-cam",
        "why",
        {"methods": "grad-cam"},
        r"\mathrm{ReLU}\Big(\sum_k \alpha_k A^k\Big), \qquad"
        r"\alpha_k = \frac{1}{n_H n_W} \sum_{i,j} \frac{\partial z_y}{\partial A^k_{ij}}",
        ("attribution", "feature-map", "gap"),
        "Selvaraju et al. 2016, arXiv:1610.02391",
    ),
    Term(
        "integrated-gradients",
        "why",
        {"methods": "integrated-gradients"},
        r"(x_i - x'_i) \int_0^1 \frac{\partial z_y}{\partial x_i}\big(x' + t\,(x - x')\big)\, dt",
        ("attribution",),
        "Sundararajan, Taly & Yan 2017, arXiv:1703.01365",
    ),
    Term("ablation", "units", {"unitview": "lesion"}, related=("unit", "attribution")),
    Term(
        "maximisation",
        "units",
        {"unitview": "dream"},
        r"\hat x = \arg\max_x a_k(x)",
        ("unit", "feature-map"),
        "Olah, Mordvintsev & Schubert 2017, Distill, doi:10.23915/distill.00007",
    ),
)
