"""Downloads against a server on the loopback: whole, cut, damaged, and none."""

from __future__ import annotations

import gzip
import hashlib
import io
import pickle
import struct
import tarfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
import torch
import torchvision

from explorer import datasets
from explorer.datasets.fetched import archives, fetch_archives
from explorer.errors import DatasetError
from explorer.fetching import RemoteFile, download

PAYLOAD = np.random.default_rng(0).bytes(300_000)


@dataclass
class Served:
    """What the server gives, how it misbehaves, and what it was asked for."""

    url: str
    files: dict[str, bytes] = field(default_factory=dict)
    cut_after: int = 0  # bytes of an answer after which the connection ends
    cuts_left: int = 0
    ranges: bool = True
    asked: list[tuple[str, str | None]] = field(default_factory=list)


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    monkeypatch.setenv("no_proxy", "*")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted = self.headers.get("Range")
            state.asked.append((self.path[1:], wanted))
            body = state.files.get(self.path[1:])
            if body is None:
                self.send_error(404)
                return
            start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted and state.ranges else 0
            if start >= len(body):
                self.send_error(416)
                return
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(body) - start))
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
            self.end_headers()
            if state.cuts_left:
                state.cuts_left -= 1
                body = body[: start + state.cut_after]
            self.wfile.write(body[start:])

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state = Served(f"http://127.0.0.1:{server.server_port}/")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield state
    server.shutdown()
    thread.join()
    server.server_close()


def remote(name: str = "a.bin", body: bytes = PAYLOAD) -> RemoteFile:
    return RemoteFile(name, hashlib.md5(body).hexdigest(), len(body))


def silent(done: int, total: int) -> None:
    pass


def test_a_download_is_whole_and_tells_how_far_it_is(served: Served, tmp_path: Path) -> None:
    served.files = {"a.bin": PAYLOAD, "b.bin": b"second"}
    told: list[tuple[int, int]] = []
    download([remote(), remote("b.bin", b"second")], [served.url], tmp_path, lambda *now: told.append(now))
    assert (tmp_path / "a.bin").read_bytes() == PAYLOAD
    assert (tmp_path / "b.bin").read_bytes() == b"second"
    assert told == sorted(told)
    assert len(told) > 4
    assert told[-1] == (300_006, 300_006)
    assert not list(tmp_path.glob("*.part"))


def test_what_is_there_is_not_asked_for_again(served: Served, tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(PAYLOAD)
    download([remote()], [served.url], tmp_path, silent)
    assert not served.asked


def test_a_damaged_file_under_the_final_name_is_replaced(served: Served, tmp_path: Path) -> None:
    served.files = {"a.bin": PAYLOAD}
    (tmp_path / "a.bin").write_bytes(PAYLOAD[:100])
    download([remote()], [served.url], tmp_path, silent)
    assert (tmp_path / "a.bin").read_bytes() == PAYLOAD


def test_a_cut_connection_is_resumed_where_it_was_cut(served: Served, tmp_path: Path) -> None:
    served.files, served.cut_after, served.cuts_left = {"a.bin": PAYLOAD}, 120_000, 2
    download([remote()], [served.url], tmp_path, silent)
    assert (tmp_path / "a.bin").read_bytes() == PAYLOAD
    assert served.asked == [("a.bin", None), ("a.bin", "bytes=120000-"), ("a.bin", "bytes=240000-")]


def test_a_later_call_goes_on_with_what_an_earlier_one_left(served: Served, tmp_path: Path) -> None:
    served.files = {"a.bin": PAYLOAD}
    (tmp_path / "a.bin.part").write_bytes(PAYLOAD[:200_000])
    download([remote()], [served.url], tmp_path, silent)
    assert (tmp_path / "a.bin").read_bytes() == PAYLOAD
    assert served.asked == [("a.bin", "bytes=200000-")]


@pytest.mark.parametrize("left", [PAYLOAD, PAYLOAD + b"more", b"x" * 1000], ids=["whole", "too long", "another"])
@pytest.mark.parametrize("ranges", [True, False])
def test_whatever_an_earlier_call_left_the_file_is_right(
    served: Served, tmp_path: Path, left: bytes, ranges: bool
) -> None:
    served.files, served.ranges = {"a.bin": PAYLOAD}, ranges
    (tmp_path / "a.bin.part").write_bytes(left)
    download([remote()], [served.url], tmp_path, silent)
    assert (tmp_path / "a.bin").read_bytes() == PAYLOAD


def test_a_server_with_another_file_is_passed_over(served: Served, tmp_path: Path) -> None:
    served.files = {"bad/a.bin": b"an error page", "good/a.bin": PAYLOAD}
    download([remote()], [f"{served.url}bad/", f"{served.url}good/"], tmp_path, silent)
    assert (tmp_path / "a.bin").read_bytes() == PAYLOAD


def test_a_wrong_checksum_everywhere_is_said_and_nothing_is_left(served: Served, tmp_path: Path) -> None:
    served.files = {"a.bin": b"an error page"}
    with pytest.raises(DatasetError, match=r"a\.bin could not be downloaded.*wrong checksum.*Parquet"):
        download([remote()], [served.url], tmp_path, silent)
    assert not list(tmp_path.glob("a.bin*"))
    assert len(served.asked) == 1


def test_without_a_server_one_sentence_says_what_would_help(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"tried http://127\.0\.0\.1:9/ \(.*Connect to the internet"):
        download([remote()], ["http://127.0.0.1:9/"], tmp_path, silent)


def test_a_server_that_always_cuts_is_given_up(served: Served, tmp_path: Path) -> None:
    served.files, served.cut_after, served.cuts_left = {"a.bin": PAYLOAD}, 10, 1000
    with pytest.raises(DatasetError, match="cut after"):
        download([remote()], [served.url], tmp_path, silent)
    assert len(served.asked) < 10


# --- torchvision's data sets ------------------------------------------------------------------------------------------


def idx(values: np.ndarray) -> bytes:
    """An array in MNIST's own format, compressed."""
    head = struct.pack(f">HBB{values.ndim}I", 0, 8, values.ndim, *values.shape)
    return gzip.compress(head + values.astype(np.uint8).tobytes())


def a_small_mnist(monkeypatch: pytest.MonkeyPatch, kind: type) -> dict[str, bytes]:
    rng = np.random.default_rng(1)
    bodies = [
        idx(values)
        for count in (12, 5)
        for values in (rng.integers(0, 256, (count, 28, 28)), rng.integers(0, 10, count))
    ]
    files = dict(zip((name for name, _ in kind.resources), bodies, strict=True))
    monkeypatch.setattr(kind, "resources", [(n, hashlib.md5(b).hexdigest()) for n, b in files.items()])
    return files


@pytest.mark.parametrize(("slug", "name"), [("mnist", "MNIST"), ("fashion-mnist", "FashionMNIST")])
def test_mnist_is_fetched_unpacked_and_loaded(
    served: Served, monkeypatch: pytest.MonkeyPatch, place: Path, slug: str, name: str
) -> None:
    kind = getattr(torchvision.datasets, name)
    served.files = a_small_mnist(monkeypatch, kind)
    monkeypatch.setattr(kind, "mirrors", ["http://127.0.0.1:9/", served.url])
    told: list[tuple[int, int]] = []
    datasets.fetch(slug, lambda *now: told.append(now))
    assert told[-1][0] == told[-1][1] > 0
    data = datasets.load(slug)
    assert datasets.available(slug)
    assert data.shape == datasets.dataset(slug).shape == (1, 28, 28)
    assert (len(data.train_labels), len(data.test_labels)) == (12, 5)
    wanted = np.random.default_rng(1).integers(0, 256, (12, 28, 28))
    assert data.train_images[:, 0].tolist() == wanted.tolist()
    assert datasets.own_datasets() == ()
    assert not list(place.rglob("*.gz*")), "archives are not kept"
    before = len(served.asked)
    datasets.fetch(slug)
    assert len(served.asked) == before


def a_small_cifar(monkeypatch: pytest.MonkeyPatch) -> bytes:
    kind = torchvision.datasets.CIFAR10
    entries = {
        name: {"data": np.full((2, 3072), number, np.uint8), "labels": [number, 9]}
        for number, (name, _) in enumerate([*kind.train_list, *kind.test_list])
    }
    entries["batches.meta"] = {"label_names": list(datasets.dataset("cifar10").classes)}
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, entry in entries.items():
            body = pickle.dumps(entry)
            info = tarfile.TarInfo(f"{kind.base_folder}/{name}")
            info.size = len(body)
            archive.addfile(info, io.BytesIO(body))
    monkeypatch.setattr(kind, "train_list", [[name, None] for name, _ in kind.train_list])
    monkeypatch.setattr(kind, "test_list", [[name, None] for name, _ in kind.test_list])
    monkeypatch.setattr(kind, "meta", {**kind.meta, "md5": None})
    monkeypatch.setattr(kind, "tgz_md5", hashlib.md5(packed.getvalue()).hexdigest())
    return packed.getvalue()


def test_cifar_is_fetched_unpacked_and_loaded(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    served.files = {torchvision.datasets.CIFAR10.filename: a_small_cifar(monkeypatch)}
    fetch_archives("CIFAR10", silent, [served.url])
    data = datasets.load("cifar10")
    assert data.train_images.shape == (10, 3, 32, 32)
    assert data.train_images.is_contiguous()
    assert data.train_labels.tolist() == [0, 9, 1, 9, 2, 9, 3, 9, 4, 9]
    assert torch.equal(data.test_images, torch.full((2, 3, 32, 32), 5, dtype=torch.uint8))


def test_what_is_damaged_after_unpacking_is_said(served: Served, monkeypatch: pytest.MonkeyPatch, place: Path) -> None:
    served.files = a_small_mnist(monkeypatch, torchvision.datasets.MNIST)
    fetch_archives("MNIST", silent, [served.url])
    (place / "torchvision" / "MNIST" / "raw" / "train-labels-idx1-ubyte").unlink()
    with pytest.raises(DatasetError, match=r"MNIST is damaged.*fetch it again"):
        datasets.load("mnist")


def test_what_cannot_be_unpacked_is_said_and_the_set_stays_away(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = torchvision.datasets.MNIST
    served.files = dict.fromkeys(a_small_mnist(monkeypatch, kind), b"not gzip")
    md5 = hashlib.md5(b"not gzip").hexdigest()
    monkeypatch.setattr(kind, "resources", [(name, md5) for name in served.files])
    with pytest.raises(DatasetError, match="MNIST was downloaded, but could not be unpacked"):
        fetch_archives("MNIST", silent, [served.url])
    assert not datasets.available("mnist")


def test_without_a_network_a_fetch_says_so_and_the_set_stays_away() -> None:
    with pytest.raises(DatasetError, match="could not be downloaded"):
        fetch_archives("CIFAR10", silent, ["http://127.0.0.1:9/"])
    assert not datasets.available("cifar10")


@pytest.mark.parametrize("name", ["MNIST", "FashionMNIST", "CIFAR10"])
def test_the_archives_are_those_torchvision_declares(name: str) -> None:
    files, servers = archives(name)
    assert all(len(file.md5) == 32 and file.size > 0 for file in files)
    assert all(server.startswith("http") and server.endswith("/") for server in servers)
