"""Subjects: networks with weights, and how each wants its pictures. What "Looking inside" looks into.

Law: torch, torchvision and safetensors; no Streamlit, no captum. A subject is named by its source: "recorded:<name>"
(ships with the project), "pretrained:<slug>" (torchvision's), "run:<id>" (trained here), "own:<digest>" (the visitor's
file), "random:<slug>" (the control). Weights are shared between shells and never written to: whoever hooks or changes
a module asks `Subject.network()` for a shell of their own.
"""

from __future__ import annotations

from explorer.subjects.own import own_subject
from explorer.subjects.pretrained import TORCHVISION, Offer, fetch, is_here, offer, pretrained_subject
from explorer.subjects.reading import MOST_MEGABYTES, SUFFIXES, read_state
from explorer.subjects.subject import Subject, answering, random_subject, recorded_subject, subject_of

__all__ = [
    "MOST_MEGABYTES",
    "SUFFIXES",
    "TORCHVISION",
    "Offer",
    "Subject",
    "answering",
    "fetch",
    "is_here",
    "offer",
    "own_subject",
    "pretrained_subject",
    "random_subject",
    "read_state",
    "recorded_subject",
    "subject_of",
]
