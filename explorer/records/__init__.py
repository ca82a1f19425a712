"""Every frozen record that crosses a wall between two rooms.

Law: nothing but the standard library at run time, so that a page can hold records before torch is there. Shapes are
written (C, H, W) without the batch axis; parameters and MACs are plain integers; derived numbers are properties, never
stored.
"""

from explorer.records.declared import (
    Control,
    NetworkCard,
    NetworkSpec,
    OptionValue,
    Pair,
    Paper,
    Published,
    Shape,
    Stage,
)
from explorer.records.instance import NetworkInstance, Options
from explorer.records.looking import Attribution, FeatureMaps, InputImage
from explorer.records.outlined import LEVELS, BlockGraph, GraphNode, Segment
from explorer.records.preprocessing import (
    HALVES,
    IMAGENET,
    LARGEST_SIDE,
    LUMA,
    MOST_CLASSES,
    UNIT,
    ModelMeta,
    Normalize,
    usual_normalize,
)
from explorer.records.quiz import Problem, Verdict
from explorer.records.recorded import RecordedRun
from explorer.records.traced import (
    KINDS,
    TRAILING,
    WEIGHTED,
    FirstMaps,
    Formula,
    LayerRecord,
    ReceptiveField,
    ShapeTrace,
)
from explorer.records.training import (
    AUGMENTS,
    INITS,
    OPEN_STATES,
    OPTIMIZERS,
    PIXELS,
    PRECISIONS,
    SCHEDULES,
    STATES,
    TrainConfig,
    TrainingRun,
    TrainPoint,
)
from explorer.records.units import Block, DreamSettings, Excitement, Frame, Lesion, UnitLayer

__all__ = [
    "AUGMENTS",
    "HALVES",
    "IMAGENET",
    "INITS",
    "KINDS",
    "LARGEST_SIDE",
    "LEVELS",
    "LUMA",
    "MOST_CLASSES",
    "OPEN_STATES",
    "OPTIMIZERS",
    "PIXELS",
    "PRECISIONS",
    "SCHEDULES",
    "STATES",
    "TRAILING",
    "UNIT",
    "WEIGHTED",
    "Attribution",
    "Block",
    "BlockGraph",
    "Control",
    "DreamSettings",
    "Excitement",
    "FeatureMaps",
    "FirstMaps",
    "Formula",
    "Frame",
    "GraphNode",
    "InputImage",
    "LayerRecord",
    "Lesion",
    "ModelMeta",
    "NetworkCard",
    "NetworkInstance",
    "NetworkSpec",
    "Normalize",
    "OptionValue",
    "Options",
    "Pair",
    "Paper",
    "Problem",
    "Published",
    "ReceptiveField",
    "RecordedRun",
    "Segment",
    "Shape",
    "ShapeTrace",
    "Stage",
    "TrainConfig",
    "TrainPoint",
    "TrainingRun",
    "UnitLayer",
    "Verdict",
    "usual_normalize",
]
