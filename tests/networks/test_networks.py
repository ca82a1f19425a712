"""Every network of the catalogue: it builds, it runs with every option, its declaration is true."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
import torch
import torchvision
from torch import nn

from explorer.networks import build, milestones, networks
from explorer.records import Control, NetworkInstance, NetworkSpec, OptionValue, ShapeTrace
from explorer.text import LANGUAGES, SLOTS, lesson
from explorer.tracing import build_on_meta, trace_shapes
from tests.random_weights import on_meta

NETWORKS = networks()
Traced = Callable[[str], ShapeTrace]

every_network = pytest.mark.parametrize("spec", NETWORKS.values(), ids=NETWORKS)


def values_of(control: Control) -> tuple[OptionValue, ...]:
    return control.choices or (control.low, control.default, control.high)


def choices() -> list[tuple[NetworkSpec, str, OptionValue]]:
    """Every value of every control that is not the default: the default is traced everywhere else."""
    triples = [(spec, c.name, value) for spec in NETWORKS.values() for c in spec.controls for value in values_of(c)]
    return [(spec, name, value) for spec, name, value in triples if value != spec.options()[name]]


every_choice = pytest.mark.parametrize(
    ("spec", "name", "value"), choices(), ids=[f"{spec.slug}-{name}-{value}" for spec, name, value in choices()]
)


def size_for(spec: NetworkSpec, options: dict[str, OptionValue]) -> tuple[int, int]:
    """The input a network is meant for; LeNet-5 without padding is for digits already framed in 32 x 32."""
    frame = 4 if options.get("padding") == 0 else 0
    return spec.input_shape[1] + frame, spec.input_shape[2] + frame


@every_network
def test_the_classifier_has_as_many_outputs_as_classes(spec: NetworkSpec, traced: Traced) -> None:
    for trace, classes in ((traced(spec.slug), spec.classes), (trace_shapes(NetworkInstance.of(spec, classes=7)), 7)):
        assert trace.layers[trace.heads[0]].out_shape == (classes,)
        assert trace.classes == classes
        assert trace.input_shape == spec.input_shape


@every_network
def test_defaults_are_among_the_values(spec: NetworkSpec) -> None:
    names = [control.name for control in spec.controls]
    assert len(set(names)) == len(names)
    for control in spec.controls:
        assert control.accepts(control.default)
        assert len(set(values_of(control))) > 1
        assert bool(control.choices) != (control.low < control.high)


@every_choice
def test_every_option_runs_and_does_something(spec: NetworkSpec, name: str, value: OptionValue, traced: Traced) -> None:
    options = spec.options({name: value})
    trace = trace_shapes(NetworkInstance.of(spec, size=size_for(spec, options), options=options))
    assert trace.layers[trace.heads[0]].out_shape == (spec.classes,)
    assert dict(trace.options) == options
    check_stages(spec, trace)
    if [work_of(layer) for layer in trace.layers] == [work_of(layer) for layer in traced(spec.slug).layers]:
        assert not torch.equal(*answers_with_one_state(spec, options)), "neither the trace nor the answer shows it"


def answers_with_one_state(spec: NetworkSpec, options: dict[str, OptionValue]) -> tuple[torch.Tensor, torch.Tensor]:
    """What the default network and the one with `options` answer with the same weights, to one image of noise."""
    default, other = build(NetworkInstance.of(spec)), build(NetworkInstance.of(spec, options=options))
    other.load_state_dict(default.state_dict())
    noise = torch.rand(1, *spec.input_shape, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        return default.eval()(noise), other.eval()(noise)


def work_of(layer: Any) -> tuple[object, ...]:
    return layer.kind, layer.function, layer.kernel, layer.stride, layer.padding, layer.groups, layer.out_shape


@pytest.mark.parametrize("slug", [slug for slug, spec in NETWORKS.items() if len(spec.controls) > 1])
def test_options_go_together(slug: str) -> None:
    """Each option with its default or one other value, in all combinations that change more than one."""
    spec = NETWORKS[slug]
    pairs = [(c.default, next(v for v in reversed(values_of(c)) if v != c.default)) for c in spec.controls]
    for chosen in product(*pairs):
        options = spec.options({c.name: value for c, value in zip(spec.controls, chosen, strict=True)})
        if sum(options[c.name] != c.default for c in spec.controls) < 2:
            continue
        trace = trace_shapes(NetworkInstance.of(spec, size=size_for(spec, options), options=options))
        assert trace.layers[trace.heads[0]].out_shape == (spec.classes,)


# --- stages -----------------------------------------------------------------------------------------------------------


def check_stages(spec: NetworkSpec, trace: ShapeTrace) -> None:
    def stage_of(module: str) -> str | None:
        homes = [s.name for s in spec.stages for path in s.modules if f"{module}.".startswith(f"{path}.")]
        assert len(homes) <= 1, f"{module} is declared in {homes}"
        return homes[0] if homes else None

    for layer in trace.layers:
        declared = stage_of(layer.module)
        if declared is None:
            assert layer.module == "", f"{layer.name} belongs to no stage"
        else:
            assert layer.stage == declared, layer.name
    seen = list(dict.fromkeys(layer.stage for layer in trace.layers))
    declared_names = [stage.name for stage in spec.stages]
    assert len(set(declared_names)) == len(declared_names)
    auxiliary = {name for name in declared_names if name.startswith("auxiliary head")}
    assert set(declared_names) - set(seen) == (set() if trace.options.get("aux") else auxiliary)
    # Auxiliary heads branch off half way, so they come before stages of the main route.
    main = [name for name in declared_names if name not in auxiliary]
    assert [name for name in seen if name not in auxiliary] == main


@every_network
def test_the_stages_cover_the_network_in_order(spec: NetworkSpec, traced: Traced) -> None:
    check_stages(spec, traced(spec.slug))


@every_network
def test_every_declared_module_exists(spec: NetworkSpec) -> None:
    network = on_meta(spec.slug)
    assert all(tensor.is_meta for tensor in (*network.parameters(), *network.buffers()))
    missing = {path for stage in spec.stages for path in stage.modules} - {name for name, _ in network.named_modules()}
    for options in [{c.name: value} for c in spec.controls for value in values_of(c)]:
        if missing:  # an auxiliary head needs its option
            missing -= {name for name, _ in build_on_meta(NetworkInstance.of(spec, options=options)).named_modules()}
    assert not missing
    if type(network).__module__.startswith("torchvision.") and spec.slug != "efficientnet-phi":
        assert spec.slug in from_torchvision(), "its weights would not be compared below"


@every_network
def test_the_cam_layer_is_the_last_map_before_the_head(spec: NetworkSpec, traced: Traced) -> None:
    trace = traced(spec.slug)
    inside = [r for r in trace.layers if f"{r.module}.".startswith(f"{spec.cam_layer}.")]
    assert inside, f"{spec.cam_layer} ran nothing"
    last = inside[-1]
    assert len(last.out_shape) == 3
    assert min(last.out_shape[1:]) > 1
    assert last.index in route_of(trace)
    # Behind it, no convolution looks at more than one position.
    behind = [r for r in trace.layers[last.index + 1 :] if r.index in route_of(trace)]
    assert all(r.kernel == (1, 1) or r.out_shape[1:] == (1, 1) for r in behind if r.kind in {"conv", "depthwise"})


def route_of(trace: ShapeTrace) -> set[int]:
    """Records on a path to the classifier."""
    route, waiting = set(), [trace.heads[0]]
    while waiting:
        index = waiting.pop()
        if index >= 0 and index not in route:
            route.add(index)
            waiting += trace.layers[index].inputs
    return route


# --- what is said about them ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
@every_network
def test_its_lesson_exists(spec: NetworkSpec, lang: str) -> None:
    slots = lesson(lang, "networks", spec.lesson)
    assert tuple(slots) == SLOTS["networks"]
    assert all(slots.values())


@every_network
def test_published_accuracies_are_possible(spec: NetworkSpec) -> None:
    for entry in spec.published:
        assert entry.dataset
        assert entry.protocol
        assert entry.source
        assert entry.top1 is not None or entry.top5 is not None
        assert all(0 < accuracy <= 100 for accuracy in (entry.top1, entry.top5) if accuracy is not None)
        if entry.top1 is not None and entry.top5 is not None:
            assert entry.top1 < entry.top5


@every_network
def test_the_declaration_is_complete(spec: NetworkSpec) -> None:
    assert 1998 <= spec.year <= 2030
    assert spec.title
    assert spec.family
    assert spec.paper.authors
    assert spec.paper.title
    assert spec.paper.venue
    assert len(spec.input_shape) == 3


def test_titles_are_told_apart() -> None:
    titles = [spec.title for spec in NETWORKS.values()]
    assert len(set(titles)) == len(titles)


# --- torchvision's weights --------------------------------------------------------------------------------------------

AUXILIARY = ("googlenet", "inception_v3")  # theirs build heads unless told not to


def from_torchvision() -> dict[str, str]:
    """Slug -> the name of torchvision's builder."""
    names = {slug: slug.removesuffix("-torchvision").replace("-", "_") for slug in NETWORKS}
    known = set(torchvision.models.list_models(torchvision.models))
    return {slug: name for slug, name in names.items() if name in known and f"{slug}-torchvision" not in NETWORKS}


@pytest.mark.parametrize(("slug", "name"), from_torchvision().items())
def test_torchvisions_weights_would_fit(slug: str, name: str) -> None:
    more: dict[str, Any] = {"aux_logits": False, "init_weights": False} if name in AUXILIARY else {}
    with torch.device("meta"):
        theirs: nn.Module = torchvision.models.get_model(name, weights=None, **more)
    ours = on_meta(slug)
    assert shapes_of(ours) == shapes_of(theirs)


def shapes_of(network: nn.Module) -> list[tuple[str, torch.Size]]:
    return [(name, tensor.shape) for name, tensor in network.state_dict().items()]


def test_the_timeline_has_each_place_once() -> None:
    places = sorted(spec.milestone for spec in networks().values() if spec.milestone)
    assert places == list(range(1, len(places) + 1))
    assert [networks()[slug].year for slug in milestones()] == sorted(networks()[slug].year for slug in milestones())
