"""Train in this process, with a progress bar."""

from __future__ import annotations

from tqdm import tqdm

from explorer.errors import OutOfMemory, TrainingDiverged
from explorer.records import TrainConfig, TrainPoint
from explorer.training.checkpoint import weights_of
from explorer.training.loop import StartInfo, train
from explorer.training.recording import Finished, name_of


def train_here(config: TrainConfig, device: str) -> Finished:
    """Train to the end, or to Ctrl-C, which stops it after the current step."""
    points: list[TrainPoint] = []
    infos: list[StartInfo] = []
    last: dict[str, bytes] = {}  # the newest checkpoint only
    state, detail, diverged = "finished", "", False

    def keep(step: int, blob: bytes) -> None:
        last["blob"] = blob

    with tqdm(total=config.steps, desc=name_of(config), unit="step", disable=None) as bar:  # None: in a terminal
        try:
            for point in train(config, device=device, on_start=infos.append, on_checkpoint=keep):
                points.append(point)
                bar.update(point.step - bar.n)
                bar.set_postfix_str(f"loss {point.train_loss:.4f} acc {point.train_accuracy:.4f}")
        except KeyboardInterrupt:
            state = "stopped"
        except (TrainingDiverged, OutOfMemory) as problem:
            state, detail, diverged = "failed", str(problem), isinstance(problem, TrainingDiverged)
    info = infos[-1] if infos else StartInfo(0, (), device)
    weights = weights_of(last["blob"]) if state == "finished" else b""
    known = (info.layers, info.parameters, info.device)
    return Finished(config, state, tuple(points), *known, weights, detail, diverged)
