"""Plain against residual: the recorded runs, a live experiment from its first step to its last, and links to it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Button

from explorer import text
from explorer.jobs.lease import Lease
from explorer.paths import datasets_directory
from explorer.training import train
from explorer.training.presets import EXPERIMENTS, LENET
from explorer.ui.cached import runs as ui_runs
from explorer.weights import lab_runs, recorded
from tests.pages.conftest import Here, Visit, charts, group_of, in_a_column, live_figures, sound


def probed() -> dict[str, tuple[float, ...]]:
    """The gradient norms of each recorded run at its first probe."""
    return {
        run.name: next(point.gradient_norms for point in run.points if point.gradient_norms)
        for run in recorded("digits")
    }


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_a_recorded_run_is_shown_at_once_and_says_so(visit: Visit, lang: str) -> None:
    page = visit("degradation", lang=lang)
    captions = " ".join(caption.value for caption in page.caption)
    assert "python -m explorer.training digits" in captions
    assert charts(page) == 7
    errors = {
        (dict(run.config.options)["depth"], dict(run.config.options)["residual"]): 100
        - 100 * run.points[-1].train_accuracy
        for run in recorded("digits")
    }
    plain, residual, shallow = (f"{errors[key]:.1f}" for key in ((56, False), (56, True), (20, False)))
    numbers = {"plain": plain, "residual": residual, "shallow": shallow}
    assert text.say(lang, "degradation.verdict_fails", deep=56, low=20, **numbers) in [m.value for m in page.markdown]
    assert float(plain) > float(shallow) + 5
    ratios = {key: f"{norms[0] / norms[-2]:.3g}" for key, norms in probed().items() if norms[0] / norms[-2] < 100}
    assert ratios
    assert all(ratio in captions for ratio in ratios.values())
    assert page.slider(key="degradation.step@digits").value == 200
    sound(page.slider(key="degradation.step@digits").set_value(5).run())
    waiting = text.say(lang, "degradation.waiting")
    assert not any(m.value == waiting for m in page.markdown)


def test_the_step_of_the_recorded_run_is_in_the_link(visit: Visit) -> None:
    page = visit("degradation", step="50")
    assert page.slider(key="degradation.step@digits").value == 50
    assert list(page.dataframe[0].value["step"]) == [50] * 4
    assert not page.toast
    sound(page.slider(key="degradation.step@digits").set_value(75).run())
    assert page.query_params["step"] == "75"
    sound(page.slider(key="degradation.step@digits").set_value(200).run())
    assert "step" not in page.query_params


REPLAYS = {
    "digits": ("digits", 20, 56, "fails"),
    "bare": ("bare-digits", 8, 20, "fails"),
    "zero": ("zero-digits", 20, 56, "skips"),
    "cifar-56": ("cifar-fast", 20, 56, "fails"),
    "cifar-110": ("cifar-fast", 20, 110, "fails"),
}


@pytest.mark.parametrize("lang", text.LANGUAGES)
@pytest.mark.parametrize("replay", REPLAYS)
def test_each_recorded_experiment_says_what_came_out_and_where_it_was_made(
    visit: Visit, replay: str, lang: str
) -> None:
    experiment, low, deep, kind = REPLAYS[replay]
    wanted = {}
    for run in recorded(experiment):
        options = dict(run.config.options)
        depth = int(options.get("depth") or run.config.network.removeprefix("cifar-plain").removeprefix("cifar-resnet"))
        residual = bool(options.get("residual", "resnet" in run.config.network))
        if depth in (low, deep):
            wanted[depth, residual] = run
    assert len(wanted) == 4
    page = visit("degradation", lang=lang, replay=replay)
    assert not page.toast
    assert charts(page) == 7
    table = page.dataframe[0].value
    assert list(table["step"]) == [run.config.steps for _, run in sorted(wanted.items())]
    errors = [100 * (1 - run.points[-1].train_accuracy) for _, run in sorted(wanted.items())]
    assert list(table["train_error"]) == pytest.approx(errors)
    numbers = {"shallow": (low, False), "plain": (deep, False), "residual": (deep, True)}
    said = {name: f"{100 * (1 - wanted[key].points[-1].train_accuracy):.1f}" for name, key in numbers.items()}
    verdict = text.say(lang, f"degradation.verdict_{kind}", deep=deep, low=low, **said)
    assert verdict in [m.value for m in page.markdown]
    (caption,) = [c.value for c in page.caption if "explorer.training" in c.value]
    for run in wanted.values():
        assert f"`{run.command}`" in caption
        assert run.device in caption
    assert f"{sum(run.seconds for run in wanted.values()):.0f} " in caption
    assert ("JPEG" in caption) == replay.startswith("cifar")


def test_each_recorded_experiment_keeps_a_step_of_its_own(visit: Visit) -> None:
    page = visit("degradation", replay="cifar-56", step="500")
    assert set(page.dataframe[0].value["step"]) == {500}
    sound(page.get_by_key("degradation.replay").set_value("digits").run())
    assert set(page.dataframe[0].value["step"]) == {200}
    assert "step" not in page.query_params
    sound(page.get_by_key("degradation.replay").set_value("cifar-56").run())
    assert set(page.dataframe[0].value["step"]) == {500}
    assert page.query_params["step"] == "500"


@pytest.mark.parametrize("raw", ["205", "-5", "last", "9" * 5000])
def test_a_step_that_was_never_taken_is_said_and_the_last_one_shown(visit: Visit, raw: str) -> None:
    page = visit("degradation", step=raw)
    assert len(page.toast) == 1
    assert page.slider(key="degradation.step@digits").value == 200


def behind(visit: Visit, figure: str) -> list[dict[str, float]]:
    """The small table that opens below a figure of the recorded runs."""
    page = visit("degradation", lang="en")
    page.session_state[f"details-recorded-{figure}"] = True
    rows: list[dict[str, float]] = sound(page.run()).dataframe[0].value.to_dict("records")
    return rows


def test_the_points_of_the_curves_are_behind_them(visit: Visit) -> None:
    rows = {row["Step"]: row for row in behind(visit, "test_error")}
    for run in recorded("digits"):
        options = dict(run.config.options)
        name = f"{'Residual' if options['residual'] else 'Plain'}-{options['depth']}"
        for point in run.points:
            row = rows[point.step]
            assert row[f"{name} · Training error, %"] == pytest.approx(100 * (1 - point.train_accuracy))
            if point.test_accuracy is not None:
                assert row[f"{name} · Test error, %"] == pytest.approx(100 * (1 - point.test_accuracy))
    assert len(rows) == len({point.step for run in recorded("digits") for point in run.points})


def test_the_button_for_both_curves_stands_below_both(visit: Visit) -> None:
    page = visit("degradation", lang="en")
    assert not in_a_column(page, "recorded-test_error")
    assert in_a_column(page, "recorded-map-plain")  # which has one of its own


def test_the_gradients_are_behind_their_figures(visit: Visit) -> None:
    deep = next(run for run in recorded("digits") if dict(run.config.options) == {"depth": 56, "residual": False})
    norms = {point.step: point.gradient_norms for point in deep.points if point.gradient_norms}
    assert [row["Plain-56"] for row in behind(visit, "profile")] == pytest.approx(list(norms[min(norms)]))
    cells = {(row["Step"], row["Weight layer"]): row["Gradient norm"] for row in behind(visit, "map-plain")}
    expected = {(step, layer): norm for step, own in norms.items() for layer, norm in enumerate(own, 1)}
    assert cells == pytest.approx(expected)
    alts = [chart.proto.alt for chart in visit("degradation", lang="en").get("echarts_chart")]
    low, high = (
        f"{value:,.0f}" if value >= 100 else f"{value:.3g}" for value in (min(cells.values()), max(cells.values()))
    )
    assert alts[3] == f"Plain-56: gradient norm by layer and step, from {low} to {high}."


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_how_the_first_layers_moved_is_told_with_its_numbers(visit: Visit, lang: str) -> None:
    captions = [caption.value for caption in visit("degradation", lang=lang).caption]
    for residual in (False, True):
        options = {"depth": 56, "residual": residual}
        run = next(run for run in recorded("digits") if dict(run.config.options) == options)
        weights = [point.weight_norms[0] for point in run.points if point.weight_norms]
        gradients = [point.gradient_norms for point in run.points if point.gradient_norms]
        numbers = [weights[0], weights[-1], gradients[0][0], gradients[-1][0], gradients[-1][0] / gradients[-1][-2]]
        plain = [f"{number:,.0f}" if number >= 100 else f"{number:.3g}" for number in numbers]
        keys = ("weight", "weight_after", "gradient", "gradient_after", "ratio_after")
        name = text.say(lang, "lab.residual" if residual else "lab.plain", depth=56)
        said = text.say(
            lang, "degradation.first_layer", name=name, first=0, last=200, **dict(zip(keys, plain, strict=True))
        )
        assert any(said in caption for caption in captions)
    assert (
        weights[-1]
        < 10
        < 100
        < max(
            point.weight_norms[0]
            for run in recorded("digits")
            if not dict(run.config.options)["residual"]
            for point in run.points
            if point.weight_norms
        )
    )


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_a_first_layer_that_no_gradient_reaches_is_told_so(visit: Visit, lang: str) -> None:
    captions = [caption.value for caption in visit("degradation", lang=lang, replay="zero").caption]
    assert not any("inf" in caption for caption in captions)
    run = next(
        run for run in recorded("zero-digits") if {("depth", 56), ("residual", False)} <= set(run.config.options)
    )
    norms = [point.weight_norms[0] for point in run.points if point.weight_norms]
    assert not any(norm for point in run.points for norm in (point.gradient_norms or ())[:-1])
    name, weight, after = text.say(lang, "lab.plain", depth=56), f"{norms[0]:.3g}", f"{norms[-1]:.3g}"
    values = {"name": name, "first": 0, "last": 200, "weight": weight, "weight_after": after}
    assert any(text.say(lang, "degradation.first_layer_still", **values) in caption for caption in captions)


def test_the_first_layers_norms_are_behind_their_figures(visit: Visit) -> None:
    rows = {row["Step"]: row for row in behind(visit, "first_gradient")}
    deep = next(run for run in recorded("digits") if dict(run.config.options) == {"depth": 56, "residual": False})
    for point in deep.points:
        if point.weight_norms and point.gradient_norms:
            assert rows[point.step]["Plain-56 · Norm of the weights"] == pytest.approx(point.weight_norms[0])
            assert rows[point.step]["Plain-56 · Norm of the gradient"] == pytest.approx(point.gradient_norms[0])


def test_training_is_queued_followed_and_found_again(visit: Visit, service: Here) -> None:
    page = visit("degradation", shallow="8", deep="14", steps="60")
    button = next(b for b in page.button if b.label == text.say("en", "degradation.train"))
    sound(button.click().run())
    group = group_of(page)
    runs = service.store.runs(group=group)
    assert [(dict(run.config.options)["depth"], dict(run.config.options)["residual"]) for run in runs] == [
        (8, False),
        (8, True),
        (14, False),
        (14, True),
    ]
    assert {run.state for run in runs} == {"queued"}
    service.train_all()
    sound(page.run())
    other = visit("degradation", runs=group)
    for each in (page, other):
        rows = each.dataframe[0].value
        assert list(rows["step"]) == [60] * 4
        assert rows["train_error"].notna().all()
    assert charts(other) == 7


def test_two_visitors_pressing_at_once_share_the_runs(visit: Visit, service: Here) -> None:
    groups = set()
    for _ in range(2):
        page = visit("degradation", shallow="8", deep="14", steps="60")
        sound(next(b for b in page.button if b.label == text.say("en", "degradation.train")).click().run())
        groups.add(group_of(page))
    assert len(groups) == 1
    assert len(service.store.runs()) == 4


def test_runs_that_others_had_started_are_joined_and_all_four_shown(visit: Visit, service: Here) -> None:
    first = visit("degradation", shallow="8", deep="14", steps="60")
    sound(next(b for b in first.button if b.label == text.say("en", "degradation.train")).click().run())
    page = visit("degradation", shallow="14", deep="20", steps="60")
    sound(next(b for b in page.button if b.label == text.say("en", "degradation.train")).click().run())
    assert len(service.store.runs()) == 6, "no depth is trained twice"
    service.train_all()
    for each in (page, visit("degradation", runs=group_of(page))):
        sound(each.run())
        assert [dict(run.config.options)["depth"] for run in ui_runs.service().group(group_of(each))] == [
            14,
            14,
            20,
            20,
        ]
        assert list(each.dataframe[0].value["step"]) == [60] * 4


def test_runs_of_one_depth_and_kind_are_told_apart(visit: Visit, service: Here) -> None:
    small = replace(EXPERIMENTS["digits"].configs[0], steps=10, eval_every=5)
    runs = service.store.submit([replace(small, seed=seed) for seed in range(3)])
    service.train_all()
    page = visit("degradation", runs=".".join(run.id for run in runs))
    assert list(page.dataframe[0].value["network"]) == ["Plain-20 #1", "Plain-20 #2", "Plain-20 #3"]
    assert charts(page) == 6, "errors, profile, one map of the only kind there is, and the first layer"


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_the_first_sentence_changes_with_the_first_point(visit: Visit, service: Here, lang: str) -> None:
    runs = service.store.submit(EXPERIMENTS["digits"].configs)
    page = visit("degradation", lang=lang, runs=runs[0].group)
    assert page.markdown[0].value == text.say(lang, "degradation.waiting")
    lease = Lease(service.store)
    assert lease.acquire()
    first = lease.claim()[0]
    lease.append({first.id: [next(iter(train(first.config, device="cpu")))]})
    sound(page.run())
    name = text.say(lang, "lab.plain", depth=20)
    begun = text.say(lang, "degradation.at_step", name=name, step=0)
    assert page.markdown[0].value == text.say(lang, "degradation.begun", steps=begun)


def test_a_link_to_runs_that_are_gone_shows_the_recorded_ones(visit: Visit, service: Here) -> None:
    page = visit("degradation", runs="nowhere")
    assert len(page.toast) == 1
    assert page.slider(key="degradation.step@digits").value == 200


def test_a_link_to_more_runs_than_there_can_be_shows_the_recorded_ones(visit: Visit, service: Here) -> None:
    page = visit("degradation", runs="." * 40_000)  # more names than a query may hold
    assert len(page.toast) == 1
    assert page.slider(key="degradation.step@digits").value == 200


def test_a_link_to_runs_of_another_network_shows_the_recorded_ones(visit: Visit, service: Here) -> None:
    (run,) = service.store.submit([LENET])
    page = visit("degradation", runs=run.group)
    assert len(page.toast) == 1
    assert page.slider(key="degradation.step@digits").value == 200


def test_runs_that_were_deleted_leave_the_recorded_ones(visit: Visit, service: Here) -> None:
    runs = service.store.submit(EXPERIMENTS["digits"].configs)
    page = visit("degradation", runs=runs[0].group)
    ids = [run.id for run in runs]
    service.store.request_stop(ids)
    service.store.delete(ids)
    sound(page.run())
    assert "runs" not in page.query_params
    assert page.slider(key="degradation.step@digits").value == 200


def test_stop_and_resume_are_seen_at_once(visit: Visit, service: Here) -> None:
    runs = service.store.submit(EXPERIMENTS["digits"].configs)
    page = visit("degradation", runs=runs[0].group)
    sound(page.get_by_key("degradation-stop").click().run())
    assert {run.state for run in service.store.runs()} == {"stopped"}
    assert page.session_state["_ticks.live"] is False
    sound(page.get_by_key("degradation-resume").click().run())
    assert {run.state for run in service.store.runs()} == {"queued"}
    assert page.session_state["_ticks.live"] is True


def test_resuming_what_somebody_else_started_is_one_sentence(visit: Visit, service: Here) -> None:
    runs = service.store.submit(EXPERIMENTS["digits"].configs)
    service.store.request_stop([run.id for run in runs])
    page = visit("degradation", lang="en", runs=runs[0].group)
    service.store.submit([runs[0].config])
    sound(page.get_by_key("degradation-resume").click().run())
    assert [toast.value for toast in page.toast] == [text.say("en", "lab.not_resumed")]
    assert {service.store.run(run.id).state for run in runs} == {"stopped"}


def test_a_run_that_failed_says_why_in_the_readers_language(visit: Visit, service: Here) -> None:
    runs = service.store.submit(EXPERIMENTS["digits"].configs)
    lease = Lease(service.store)
    assert lease.acquire()
    first, *_ = lease.claim()
    lease.finish(first.id, "failed", "diverged", "At step 3 ...")
    page = visit("degradation", lang="zh", runs=runs[0].group)
    shown = " ".join(bar.proto.text for bar in page.get("progress"))
    assert text.say("zh", "lab.failed_diverged") in shown


def of_colour(folder: Path, classes: tuple[str, ...] = ("cat", "dog")) -> None:
    """An own data set of CIFAR-10's size: a folder a class."""
    for number, name in enumerate(classes):
        (folder / name).mkdir(parents=True)
        for index in range(10):
            pixels = np.random.default_rng(10 * number + index).integers(0, 256, (32, 32, 3), np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{index}.png")


@pytest.mark.parametrize("preset", ["cifar-fast", "cifar-he"])
def test_a_gpu_offers_the_papers_networks(
    visit: Visit, service: Here, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, preset: str
) -> None:
    """On the first data set of CIFAR-10's size that is there."""
    monkeypatch.setenv("CONVNET_ATLAS_DATA", f"{tmp_path}")
    monkeypatch.setattr(ui_runs, "has_cuda", lambda: True)
    of_colour(datasets_directory() / "pets")
    page = visit("degradation", preset=preset)
    assert page.get_by_key("degradation.cifar-data").value == "own:pets"
    sound(next(b for b in page.button if b.label == text.say("en", "degradation.train")).click().run())
    configs = [run.config for run in service.store.runs(group=group_of(page))]
    names = ["cifar-plain20", "cifar-resnet20", "cifar-plain56", "cifar-resnet56"]
    recipe = next(config for config in EXPERIMENTS[preset].configs if config.network == names[0])
    assert configs == [replace(recipe, network=name, dataset="own:pets") for name in names]


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_a_gpu_without_cifar_10_offers_to_fetch_it(
    visit: Visit, service: Here, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, lang: str
) -> None:
    monkeypatch.setenv("CONVNET_ATLAS_DATA", f"{tmp_path}")
    monkeypatch.setattr(ui_runs, "has_cuda", lambda: True)
    page = visit("degradation", preset="cifar-fast", lang=lang)
    assert next(b for b in page.button if b.label == text.say(lang, "degradation.train")).disabled
    title = text.say(lang, "data.cifar10")
    assert text.say(lang, "fetch.dataset", title=title, size="170") in [b.label for b in page.button]
    assert text.say(lang, "fetch.no_dataset", title=title) in [c.value for c in page.caption]


def test_the_live_view_settles_when_the_runs_are_done(visit: Visit, service: Here) -> None:
    page = visit("degradation", shallow="8", deep="14", steps="60")
    sound(next(b for b in page.button if b.label == text.say("en", "degradation.train")).click().run())
    assert "_ticks.live" not in page.session_state, "it ticks unless it is told not to"
    service.train_all()
    sound(page.run())
    assert page.session_state["_ticks.live"] is False


# --- what the controls ask for ----------------------------------------------------------------------------------------


def errors_of(page: AppTest) -> list[float]:
    return list(page.dataframe[0].value["train_error"])


@pytest.mark.parametrize(
    "chosen",
    [
        {"shallow": "14", "deep": "32"},
        {"deep": "44", "init": "dirac"},
        {"norm": "0", "init": "zero"},
        {"deep": "38", "norm": "0"},
        {"strength": "0.5"},
        {"init": "torch", "norm": "0"},
    ],
)
def test_every_two_presses_are_shown_as_they_were_recorded(visit: Visit, chosen: dict[str, str]) -> None:
    page = visit("degradation", lang="en", **chosen)
    depths = int(chosen.get("shallow", 20)), int(chosen.get("deep", 56))
    wanted = []
    for depth in depths:
        for residual in (False, True):
            strength = float(chosen.get("strength", 1)) if residual else 1.0
            options = {"base": 8, "depth": depth, "residual": residual, "strength": strength}
            options["norm"] = chosen.get("norm") != "0"
            (run,) = [
                run
                for run in lab_runs("digits-lab")
                if dict(run.config.options) == options and run.config.init == chosen.get("init", "he")
            ]
            wanted.append(100 * (1 - run.points[-1].train_accuracy))
    shown = page.dataframe[0].value
    finished = shown["step"] > 0
    assert list(shown["train_error"][finished]) == pytest.approx(
        [error for error, there in zip(wanted, finished, strict=True) if there], abs=0.05
    )
    assert charts(page) >= 5
    assert not page.info


def test_what_diverged_is_told(visit: Visit) -> None:
    page = visit("degradation", lang="en", norm="0")
    assert any("Residual-56 is lost" in each.value for each in page.markdown)


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_what_was_never_recorded_says_what_it_would_take(visit: Visit, lang: str) -> None:
    page = visit("degradation", lang=lang, seed="3")
    start, end = text.say(lang, "lab.untrained_seconds", seconds="#").split("#")
    (said,) = [each.value for each in page.info]
    assert said.startswith(start)
    assert said.endswith(end)
    assert 3 <= int(said.removeprefix(start).removesuffix(end)) <= 60
    assert not charts(page)


def test_a_control_moves_the_figure_and_the_curves_of_before_stay_as_ghosts(visit: Visit) -> None:
    page = visit("degradation", lang="en")
    before = live_figures(page)[0]["series"]
    sound(page.selectbox(key="degradation.deep").set_value(32).run())
    after = live_figures(page)[0]
    assert [each["data"] for each in after["series"][:4]] == [each["data"] for each in before]
    assert all(each["lineStyle"]["opacity"] < 0.5 for each in after["series"][:4])
    assert [each["name"] for each in after["legend"]["data"]] == [each["name"] for each in after["series"][4:]]
    sound(page.number_input(key="degradation.seed").set_value(9).run())
    (pale,) = live_figures(page)
    assert [each["data"] for each in pale["series"]] == [each["data"] for each in after["series"][4:]]


def test_a_control_leads_away_from_another_experiment(visit: Visit) -> None:
    page = visit("degradation", lang="en", replay="cifar-110")
    sound(page.selectbox(key="degradation.deep").set_value(26).run())
    assert page.get_by_key("degradation.replay").value == "digits"
    assert list(page.dataframe[0].value["network"]) == ["Plain-20", "Residual-20", "Plain-26", "Residual-26"]


# --- before the answer ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_the_visitor_is_asked_first(visit: Visit, lang: str) -> None:
    page = visit("degradation", lang=lang, asked=True, deep="32")
    assert text.say(lang, "degradation.predict") in [each.value.partition("  \n")[2] for each in page.markdown]
    assert not charts(page)
    assert not page.dataframe
    assert not any("%" in each.value for each in page.markdown if "lesson" not in each.value and len(each.value) < 400)


def test_a_prediction_is_answered_above_the_curves(visit: Visit) -> None:
    page = visit("degradation", lang="en", asked=True)
    sound(page.get_by_key("predict-degradation-Residual-56").click().run())
    assert any("You said Residual-56; it is Plain-56." in each.value for each in page.caption)
    assert charts(page) == 7
    page = visit("degradation", lang="en", asked=True)
    sound(page.get_by_key("predict-degradation-Plain-56").click().run())
    assert any("You said Plain-56, and that is right." in each.value for each in page.caption)


@pytest.mark.parametrize("step", ["50", "200"])
def test_a_link_to_a_moment_of_the_replay_shows_it(visit: Visit, step: str) -> None:
    page = visit("degradation", asked=True, step=step)
    assert set(page.dataframe[0].value["step"]) == {int(step)}


# --- the button -------------------------------------------------------------------------------------------------------


def test_the_button_rests_while_these_train_and_resumes_them_after_a_stop(visit: Visit, service: Here) -> None:
    page = visit("degradation", lang="en", shallow="8", deep="14", steps="60")

    def button() -> Button:
        return next(b for b in page.button if b.label == text.say("en", "degradation.train"))

    sound(button().click().run())
    assert button().disabled
    sound(page.get_by_key("degradation-stop").click().run())
    sound(page.run())
    assert not button().disabled
    group, before = group_of(page), {run.id for run in service.store.runs()}
    sound(button().click().run())
    assert {run.id for run in service.store.runs()} == before
    assert {run.state for run in service.store.runs()} == {"queued"}
    assert group_of(page) == group
