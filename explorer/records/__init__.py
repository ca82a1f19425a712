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
from explorer.records.looking import Attribution, FeatureMaps
from explorer.records.outlined import LEVELS, BlockGraph, GraphNode, Segment
from explorer.records.recorded import RecordedRun
from explorer.records.tasks import OPEN_TASK_STATES, TaskOrder, TaskStatus, combined
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
    "INITS",
    "KINDS",
    "LEVELS",
    "OPEN_STATES",
    "OPEN_TASK_STATES",
    "OPTIMIZERS",
    "PIXELS",
    "PRECISIONS",
    "SCHEDULES",
    "STATES",
    "TRAILING",
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
    "LayerRecord",
    "Lesion",
    "NetworkCard",
    "NetworkSpec",
    "OptionValue",
    "Pair",
    "Paper",
    "Published",
    "ReceptiveField",
    "RecordedRun",
    "Segment",
    "Shape",
    "ShapeTrace",
    "Stage",
    "TaskOrder",
    "TaskStatus",
    "TrainConfig",
    "TrainPoint",
    "TrainingRun",
    "UnitLayer",
    "combined",
]
