"""The recorded softmax of views is what the networks say now, and what torchvision's ten crops give."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torchvision.transforms import TenCrop

from explorer.averaging import views_of
from explorer.images import fitted, load
from explorer.models import pretrained_model
from explorer.summaries.ten_crops import IMAGE, NETWORKS, recorded


@pytest.mark.parametrize("slug", NETWORKS)
def test_the_record_is_current_and_equal_to_what_is_computed_now(slug: str) -> None:
    found = recorded()[f"pretrained:{slug}"]
    model = pretrained_model(slug)
    side = model.instance.size[0]
    picture = torch.from_numpy(fitted(load(IMAGE), (side + 32, side + 32)).transpose(2, 0, 1).copy())[None]
    views = views_of("ten", side)
    assert set(views) <= set(found)
    crops = TenCrop(side)(picture)
    with torch.inference_mode():
        for place in (0, 4, 9):
            now = model.instantiate()(model.scale(crops[place])).softmax(1)[0].numpy()
            assert np.allclose(found[views[place]], now, atol=1e-5)


def test_stale_records_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    from explorer.summaries import ten_crops

    recorded.cache_clear()
    monkeypatch.setattr(ten_crops, "fingerprint", lambda *sources: "another")
    assert recorded() == {}
    recorded.cache_clear()
