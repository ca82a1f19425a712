"""The list of runs: what it shows, finds and lays over each other, how links restore it, and what its buttons do."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import pytest
from sqlalchemy import update
from streamlit.testing.v1 import AppTest

from explorer import text
from explorer.jobs import RunStore
from explorer.jobs.lease import Lease
from explorer.jobs.schema import runs
from explorer.jobs.store import MOST_LISTED
from explorer.networks import networks
from explorer.records import TrainConfig, TrainingRun, TrainPoint
from explorer.rights import Visitor
from explorer.training.presets import DIGITS
from explorer.ui.cached import runs as ui_runs
from explorer.weights import recorded_runs
from tests.pages.conftest import Here, Visit, live_figures, sound, words

RECORDED = list(recorded_runs())
PLAIN = replace(DIGITS, steps=10, options=(("depth", 56), ("residual", False)))
RESIDUAL = replace(PLAIN, options=(("depth", 56), ("residual", True)))


@pytest.fixture
def store(service: Here) -> RunStore:
    """The store of a service of this test's own, where nothing trains."""
    return service.store


def point(step: int) -> TrainPoint:
    done = step / 10
    norms = (0.5, 2.0, 1.0) if step % 5 == 0 else None
    return TrainPoint(step, step / 11, done, 0.05, 2 - done, done * 0.9, 1000.0, 2 - done, done * 0.8, norms)


def made(store: RunStore, *configs: TrainConfig, state: str = "finished", reason: str = "") -> list[TrainingRun]:
    """Runs as a worker would have made them."""
    runs = store.submit(configs)
    if state != "queued":
        lease = Lease(store)
        assert lease.acquire()
        for each in lease.claim():
            lease.started(each.id, 7, ("a", "b", "fc"), "cpu")
            steps = 10 if state == "finished" else 4
            lease.append({each.id: [point(step) for step in range(steps + 1)]})
            if state == "stopped":
                lease.save_checkpoint(each.id, 4, b"checkpoint")
            if state != "running":
                lease.finish(each.id, state, reason, "No `such` thing.", b"weights" if state == "finished" else None)
        if state != "running":
            lease.close()
    return [store.run(run.id) for run in runs]


def said(lang: str, key: str, **values: object) -> str:
    return text.say(lang, key, **values)


def listed(page: AppTest) -> list[dict[str, object]]:
    return list(page.dataframe[0].value.to_dict("records"))


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_before_the_first_run_there_are_the_recorded_ones(visit: Visit, store: RunStore, lang: str) -> None:
    page = visit("runs", lang=lang)
    assert said(lang, "runs.none") in words(page)
    assert [link.proto.page for link in page.get("page_link")] == ["degradation", "augmentation"], "and the foot"
    assert {row["standing"] for row in listed(page)} == {said(lang, "standing.recorded")}
    assert len(listed(page)) == len(RECORDED)
    compared = [(row["network"], int(row["depth"])) for row in listed(page) if row["depth"] > 0]
    kinds = [said(lang, f"lab.{kind}", depth=depth) for _, depth in compared for kind in ("plain", "residual")]
    assert len(compared) > 10
    assert {name for name, _ in compared} <= {*kinds}, "as on their own page, those of the catalogue too"
    assert {row["network"] for row in listed(page) if not row["depth"] > 0} == {"LeNet-5"}


def test_own_runs_stand_above_the_recorded_ones(visit: Visit, store: RunStore) -> None:
    made(store, PLAIN)
    page = visit("runs", lang="en")
    first = listed(page)[0]
    assert len(listed(page)) == 1 + len(RECORDED)
    assert (first["network"], first["depth"], first["options"]) == ("Plain-56", 56, "plain")
    assert first["train_error"] == pytest.approx(10)
    assert first["test_error"] == pytest.approx(20)
    assert first["recipe"] == "SGD 0.05 · cosine"
    assert first["device"] == "cpu"
    assert [link.proto.page for link in page.get("page_link")] == ["augmentation"], "but for the foot"


@pytest.mark.parametrize(
    ("parameters", "count"),
    [
        ({"standing": "finished"}, 2),
        ({"standing": "recorded"}, len(RECORDED)),
        ({"standing": "failed"}, 1),
        ({"find": "residual-56 seed 3"}, 1),
        ({"find": "ResNet-110"}, 1),
        ({"find": "nothing like it"}, 0),
        ({"trained": "thin-resnet", "standing": "finished"}, 2),
    ],
)
def test_filters(visit: Visit, store: RunStore, parameters: dict[str, str], count: int) -> None:
    made(store, PLAIN, replace(RESIDUAL, seed=3))
    made(store, replace(PLAIN, lr=50.0), state="failed", reason="diverged")
    page = visit("runs", lang="en", **parameters)
    assert len(listed(page)) == count
    assert not page.toast


def test_a_link_restores_the_choice_and_drops_what_is_gone(visit: Visit, store: RunStore) -> None:
    one, two = made(store, PLAIN, RESIDUAL)
    page = visit("runs", lang="en", pick=f"{two.id},gone,{RECORDED[0]}")
    assert len(page.toast) == 1
    assert "gone" in page.toast[0].value
    names = [series["name"] for series in live_figures(page)[0]["series"]]
    assert names[0] == "Residual-56 · seed 0"
    assert len(names) == 2
    assert page.query_params["pick"] == f"{two.id},{RECORDED[0]}"
    assert one.id not in page.query_params["pick"]


@pytest.mark.parametrize("count", [100, 10_000])
def test_a_link_to_many_runs_that_are_not_there_says_so_once(visit: Visit, store: RunStore, count: int) -> None:
    (run,) = made(store, PLAIN)
    page = visit("runs", lang="en", pick=",".join([run.id, *(f"gone{number}" for number in range(count))]))
    assert len(page.toast) == 1
    assert len(page.toast[0].value) < 200
    assert live_figures(page)


def test_every_run_can_be_chosen_by_a_link(visit: Visit, store: RunStore) -> None:
    runs = made(store, *(replace(PLAIN, seed=seed) for seed in range(150)), state="queued")
    page = visit("runs", lang="en", pick=",".join(run.id for run in runs))
    assert not page.toast
    assert len(page.session_state["runs.pick"]) == 150


def test_the_table_is_called_the_same_in_every_process(visit: Visit, store: RunStore) -> None:
    """Another name would make it anew, and forget where it was scrolled to."""
    key = visit("runs").dataframe[0].proto.id.rpartition("-runs-")[2]
    assert key == "-".join(sha256("\n".join(ids).encode()).hexdigest()[:12] for ids in (RECORDED, RECORDED[:4]))


def test_the_newest_runs_are_chosen_at_first(visit: Visit, store: RunStore) -> None:
    made(store, PLAIN)
    made(store, replace(PLAIN, seed=1), replace(RESIDUAL, seed=1))
    page = visit("runs", lang="en")
    assert [series["name"] for series in live_figures(page)[0]["series"]] == [
        "Plain-56 · seed 1",
        "Residual-56 · seed 1",
    ]
    assert "pick" not in page.query_params


def test_nothing_chosen_is_a_choice(visit: Visit, store: RunStore) -> None:
    made(store, PLAIN)
    page = visit("runs", lang="en", pick="")
    assert not live_figures(page)
    assert said("en", "runs.choose") in words(page)


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_a_figure_has_a_text_and_follows_its_controls(visit: Visit, store: RunStore, lang: str) -> None:
    made(store, PLAIN, RESIDUAL)
    page = visit("runs", lang=lang, measure="test_loss", log="1")
    charts = page.get("echarts_chart")
    assert len(charts) == 2
    assert all(len(chart.proto.alt) > 10 for chart in charts)
    assert live_figures(page)[0]["title"]["text"] == said(lang, "lab.test_loss")
    assert live_figures(page)[0]["yAxis"]["type"] == "log"
    assert len(live_figures(page)[0]["series"][0]["data"]) == 11


def test_runs_of_one_name_are_told_apart(visit: Visit, store: RunStore) -> None:
    made(store, PLAIN)
    made(store, PLAIN, replace(PLAIN, lr=0.1))
    ids = ",".join(run.id for run in store.runs())
    names = [series["name"] for series in live_figures(visit("runs", lang="en", pick=ids))[0]["series"]]
    title = "Plain-56 · seed 0"
    assert sorted(names) == [
        f"{title} · Learning rate 0.05 · #1",
        f"{title} · Learning rate 0.05 · #2",
        f"{title} · Learning rate 0.1",
    ]


def test_what_differs_stands_alone(visit: Visit, store: RunStore) -> None:
    made(store, PLAIN, replace(RESIDUAL, seed=5))
    page = visit("runs", lang="en")
    differing, everything = (frame.value for frame in page.dataframe[1:3])
    assert list(differing["setting"]) == ["Seed", "Skip connections"]
    assert differing.iloc[0].tolist()[1:] == ["0", "5"]
    assert len(everything) == len(TrainConfig.__dataclass_fields__) - 1 + 2
    assert not page.code
    page.session_state["commands"] = True  # opens the expander
    page.run()
    assert "option.residual=false" in page.code[0].value
    assert "seed=5" in page.code[0].value


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_configurations_are_compared_by_names_and_not_by_codes(visit: Visit, store: RunStore, lang: str) -> None:
    (own,) = made(store, replace(PLAIN, dataset="own:my cats", init="torch", optimizer="adamw"))
    shipped = ("cifar-short-cifar-resnet20-seed0", "lenet-lenet5-activation-tanh-pooling-max-seed0")
    page = visit("runs", lang=lang, pick=",".join((own.id, *shipped)))
    rows = {row[0]: row[1:] for row in page.dataframe[2].value.values.tolist()}

    def row(field: str) -> list[str | None]:
        return rows[said(lang, f"field.{field}")]

    assert row("network") == [networks()[slug].title for slug in ("thin-resnet", "cifar-resnet20", "lenet5")]
    assert row("dataset") == ["my cats", said(lang, "data.cifar10-jpeg"), "MNIST"]
    assert row("optimizer") == ["AdamW", "SGD", "SGD"]
    for field, codes in (
        ("pixels", ("standard", "standard", "raw")),
        ("augment", ("none", "crop-flip", "none")),
        ("schedule", ("cosine", "cosine", "constant")),
        ("init", ("torch", "he", "glorot")),
    ):
        assert row(field) == [said(lang, f"{field}.{code}") for code in codes]
    assert rows[said(lang, "option.pooling")][2] == said(lang, "choice.max")
    table = {row["network"]: row["dataset"] for row in listed(page)}
    assert table["LeNet-5"] == "MNIST"
    assert said(lang, "data.cifar10-jpeg") in {row["dataset"] for row in listed(page)}


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_a_chain_is_said_in_words_and_so_is_how_many_images_there_are(visit: Visit, store: RunStore, lang: str) -> None:
    chain = "crop*p-0.5*padding-0.25_mirror"
    few, all_of_them = made(store, replace(PLAIN, augment=chain, per_class=40), PLAIN)
    page = visit("runs", lang=lang, pick=f"{few.id},{all_of_them.id}")
    rows = {row[0]: row[1:] for row in page.dataframe[2].value.values.tolist()}
    names, options = text.group(lang, "transform"), text.group(lang, "augmentation.option")
    crop, mirror, padding = names.get("crop", "crop"), names.get("mirror", "mirror"), options.get("padding", "padding")
    comma = "、" if lang == "zh" else ", "
    said_of_it = f"{crop} [0.5 p{comma}{padding} 0.25] → {mirror}"
    assert rows[said(lang, "field.augment")] == [said_of_it, said(lang, "augment.none")]
    assert rows[said(lang, "field.per_class")] == ["40", said(lang, "runs.all_images")]


@pytest.mark.parametrize("lang", text.LANGUAGES)
@pytest.mark.parametrize(
    ("state", "reason"), [("failed", "diverged"), ("failed", "error"), ("interrupted", "worker-lost")]
)
def test_the_reason_is_said(visit: Visit, store: RunStore, lang: str, state: str, reason: str) -> None:
    made(store, PLAIN, state=state, reason=reason)
    page = visit("runs", lang=lang)
    detail = "No 'such' thing."
    assert said(lang, f"runs.reason_{reason}", detail=detail) in page.warning[0].value


def spoilt(store: RunStore) -> str:
    """A finished run of another version of this program."""
    (bad,) = made(store, PLAIN)
    with store.database.writing() as connection:
        connection.execute(
            update(runs).where(runs.c.id == bad.id).values(config=PLAIN.to_json().replace("sgd", "lion"))
        )
    return bad.id


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_a_run_that_cannot_be_read_is_one_line_among_others(visit: Visit, store: RunStore, lang: str) -> None:
    bad = spoilt(store)
    made(store, RESIDUAL)
    page = visit("runs", lang=lang, pick=bad)
    assert [row["network"] for row in listed(page)][:2] == [said(lang, "lab.residual", depth=56), "?"]
    detail = "optimizer cannot be 'lion'; it can be: sgd, adam, adamw."
    assert said(lang, "runs.reason_unreadable", detail=detail) in page.warning[0].value
    assert not {button.key for button in page.button} & {"runs-again", "runs-seed"}


def test_a_run_that_cannot_be_read_is_only_deleted(visit: Visit, store: RunStore) -> None:
    bad, (good,) = spoilt(store), made(store, RESIDUAL)
    page = visit("runs", lang="en", pick=f"{bad},{good.id}")
    page.session_state["commands"] = True
    assert sound(page.run()).code[0].value.startswith("# Unknown network '?'")
    sound(page.get_by_key("runs-again").click().run())
    assert [run.config for run in store.runs(states=["queued"])] == [RESIDUAL]
    page = visit("runs", lang="en", pick=bad)
    sound(page.get_by_key("runs-delete").click().run())
    sound(page.get_by_key("runs-delete-yes").click().run())
    assert bad not in {run.id for run in store.runs()}


def test_a_waiting_run_says_its_place(visit: Visit, store: RunStore) -> None:
    made(store, PLAIN, state="queued")
    (second,) = made(store, RESIDUAL, state="queued")
    page = visit("runs", lang="en", pick=second.id)
    assert said("en", "lab.queued", place=2) in {row["standing"] for row in listed(page)}


def test_running_again_starts_the_same_configuration(visit: Visit, store: RunStore) -> None:
    (old,) = made(store, PLAIN)
    page = visit("runs", lang="en")
    sound(page.get_by_key("runs-again").click().run())
    new = store.runs()[0]
    assert new.id != old.id
    assert new.config == old.config
    assert page.query_params["pick"] == f"{new.id},{old.id}"


def test_a_recorded_run_is_made_again_with_another_seed(visit: Visit, store: RunStore) -> None:
    page = visit("runs", lang="en", pick=RECORDED[0])
    sound(page.get_by_key("runs-seed").click().run())
    (new,) = store.runs()
    assert new.config == replace(recorded_runs()[RECORDED[0]].config, seed=1)


def test_stop_and_resume_are_there_when_they_apply(visit: Visit, store: RunStore) -> None:
    (run,) = made(store, PLAIN, state="stopped")
    page = visit("runs", lang="en")
    assert not [button for button in page.button if button.key == "runs-stop"]
    sound(page.get_by_key("runs-resume").click().run())
    assert store.run(run.id).state == "queued"
    sound(page.get_by_key("runs-stop").click().run())
    assert store.run(run.id).state == "stopped"


def test_resuming_what_somebody_else_started_is_one_sentence(visit: Visit, store: RunStore) -> None:
    (run,) = made(store, PLAIN, state="stopped")
    page = visit("runs", lang="en", pick=run.id)
    store.submit([PLAIN])
    sound(page.get_by_key("runs-resume").click().run())
    assert [toast.value for toast in page.toast] == [said("en", "lab.not_resumed")]
    assert store.run(run.id).state == "stopped"


def test_delete_asks_first(visit: Visit, store: RunStore) -> None:
    (closed,) = made(store, PLAIN)
    (waiting,) = made(store, RESIDUAL, state="queued")
    page = visit("runs", lang="en", pick=f"{closed.id},{waiting.id},{RECORDED[0]}")
    sound(page.get_by_key("runs-delete").click().run())
    for key in ("runs.delete_these", "runs.delete_open", "runs.delete_recorded"):
        assert said("en", key) in words(page)
    assert page.get_by_key("runs-delete-yes").label == said("en", "runs.delete_yes", count=1)
    assert len(store.runs()) == 2


def test_delete_takes_only_what_may_go(visit: Visit, store: RunStore) -> None:
    (closed,) = made(store, PLAIN)
    (waiting,) = made(store, RESIDUAL, state="queued")
    page = visit("runs", lang="en", pick=f"{closed.id},{waiting.id},{RECORDED[0]}")
    sound(page.get_by_key("runs-delete").click().run())
    sound(page.get_by_key("runs-delete-yes").click().run())
    assert [run.id for run in store.runs()] == [waiting.id]
    assert page.query_params["pick"] == f"{waiting.id},{RECORDED[0]}"


def test_weights_are_offered_where_there_are_some(visit: Visit, store: RunStore) -> None:
    (run,) = made(store, PLAIN)
    assert any(b.proto.label == said("en", "runs.export_weights") for b in visit("runs").get("download_button"))
    bare = visit(
        "runs", lang="en", pick=next(n for n, recorded_run in recorded_runs().items() if not recorded_run.weights)
    )
    assert not any(b.proto.label == said("en", "runs.export_weights") for b in bare.get("download_button"))
    assert run.has_weights


# --- somebody else's --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_a_run_of_somebody_else_is_looked_at_but_not_stopped(visit: Visit, store: RunStore, lang: str) -> None:
    (run,) = store.submit([PLAIN], visitor=Visitor("somebody else"))
    page = visit("runs", lang=lang, pick=run.id)
    assert not {"runs-stop", "runs-resume"} & {button.key for button in page.button}
    assert said(lang, "lab.not_yours") in words(page)


def test_a_run_of_somebody_else_is_not_deleted(visit: Visit, store: RunStore) -> None:
    (run,) = store.submit([PLAIN], visitor=Visitor("somebody else"))
    store.request_stop([run.id])
    page = visit("runs", lang="en", pick=run.id)
    sound(page.get_by_key("runs-delete").click().run())
    assert "runs-delete-yes" not in {button.key for button in page.button}
    assert said("en", "lab.not_yours") in words(page)
    assert store.run(run.id).state == "stopped"


def test_what_one_has_started_oneself_can_be_stopped(visit: Visit, store: RunStore) -> None:
    made(store, PLAIN)
    page = visit("runs", lang="en")
    sound(page.get_by_key("runs-again").click().run())
    new = store.runs()[0]
    assert new.owner
    sound(page.get_by_key("runs-stop").click().run())
    assert store.run(new.id).state == "stopped"
    assert said("en", "lab.not_yours") not in words(page)
    other = visit("runs", lang="en", pick=new.id)
    assert "runs-resume" not in {button.key for button in other.button}


def test_an_action_that_was_never_offered_is_refused(
    visit: Visit, store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between drawing a button and pressing it, a run may have become another's; the store has the last word."""
    (run,) = store.submit([PLAIN], visitor=Visitor("somebody else"))
    monkeypatch.setattr(ui_runs, "is_mine", lambda run: True)
    page = visit("runs", lang="en", pick=run.id)
    sound(page.get_by_key("runs-stop").click().run())
    assert store.run(run.id).state == "queued"


# --- more than are listed at once -------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_more_runs_than_are_listed_are_counted_and_can_be_reached(visit: Visit, store: RunStore, lang: str) -> None:
    before = visit("runs", lang=lang)
    assert not [box for box in before.selectbox if box.key == "runs.newer"]
    with store.database.writing() as connection:
        connection.execute(runs.insert(), [row(number) for number in range(MOST_LISTED + 3)])
    said_many = said(lang, "runs.many", count="503", most=MOST_LISTED)
    for newer, listed in (("0", MOST_LISTED), ("500", 3)):
        page = visit("runs", lang=lang, newer=newer)
        assert said_many in [each.value for each in page.caption]
        shown = page.dataframe[0].value
        assert len(shown) == listed + len(RECORDED)
    box = next(box for box in page.selectbox if box.key == "runs.newer")
    assert box.options == [
        said(lang, "runs.from_to", first="1", last="500"),
        said(lang, "runs.from_to", first="501", last="503"),
    ]


def row(number: int) -> dict[str, object]:
    """A stopped run, as it is stored."""
    config = replace(PLAIN, seed=number).to_json()
    known = {"id": f"{number:032x}", "group": f"g{number}", "position": 0, "wanted": "auto", "state": "stopped"}
    return known | {"config": config, "created": float(number), "queued": float(number), "finished": float(number)}
