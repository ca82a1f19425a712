"""Parse a pickle as plain data: nothing in it is called, imported, hashed or allocated.

A pickle is a program for a small stack machine. This one supports containers, numbers and text. A class or a function
is represented by its name, an object by the call that would make it, with the attributes and entries it would be given.
So parsing takes no more steps, and no more memory, than the file has: PyTorch's `weights_only` hashes a tuple nested
sixty deep (2^60 steps for a file of 525 bytes, holding the GIL) and allocates whatever the file requests.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pickletools import genops
from typing import IO, Any

MOST_STEPS = 1_000_000
"""A tensor takes about forty: enough for eight thousand with their optimizer's two averages."""

Persistent = Callable[[Any], Any]
"""Persistent id -> a placeholder for an object outside the pickle."""

_LITERALS = frozenset(
    (
        *("INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT"),
        *("STRING", "BINSTRING", "SHORT_BINSTRING", "UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8"),
        *("BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8"),
    )
)
_CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False, "EMPTY_TUPLE": ()}
_EMPTY: dict[str, Callable[[], Any]] = {"EMPTY_LIST": list, "EMPTY_DICT": dict, "EMPTY_SET": list}
_MAPPINGS = frozenset({("collections", "OrderedDict"), ("collections", "defaultdict"), ("collections", "Counter")})


class TooManySteps(Exception):
    """A file whose pickles take more than `MOST_STEPS`."""


class BadPickle(Exception):
    """A pickle that is damaged, or has an opcode that no file of weights needs."""


@dataclass(frozen=True, slots=True, eq=False)
class GlobalName:
    """The name of a class or a function; it is not imported."""

    module: str
    name: str


@dataclass(slots=True, eq=False)
class UnexecutedCall:
    """A call of `function` with `arguments`, not executed.

    `attributes` is the state that the object would be given, `entries` what would be set in it as in a mapping.
    """

    function: Any
    arguments: Any
    attributes: Any = None
    entries: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Budget:
    """The steps that all pickles of a file may take together."""

    steps: int = MOST_STEPS

    def charge(self, steps: int = 1) -> None:
        """Raises `TooManySteps` when no step is left."""
        self.steps -= steps
        if self.steps < 0:
            raise TooManySteps


def parse(stream: IO[bytes], persistent: Persistent, budget: Budget | None = None) -> Any:
    """Parse the next pickle of a stream, which is then positioned after it.

    Returns None, bool, int, float, str, bytes, list, tuple, `GlobalName`, `UnexecutedCall`, what `persistent` returns,
    and dict, of which only entries with a str key are kept. Raises `TooManySteps`, `BadPickle`, and what damaged bytes
    raise.
    """
    machine = _Machine(persistent, budget or Budget())
    for opcode, argument, _ in genops(stream):
        machine.budget.charge()
        if opcode.name == "STOP":
            return machine.pop()
        machine.step(opcode.name, argument)
    raise BadPickle("a pickle without an end")


class _Machine:
    def __init__(self, persistent: Persistent, budget: Budget) -> None:
        self.persistent, self.budget = persistent, budget
        self.stack: list[Any] = []
        self.below: list[list[Any]] = []  # the stacks under each mark
        self.memo: dict[int, Any] = {}

    def pop(self) -> Any:
        return self.stack.pop()

    def pop_mark(self) -> list[Any]:
        """Pop all that was pushed since the last mark."""
        items, self.stack = self.stack, self.below.pop()
        return items

    def step(self, name: str, argument: Any) -> None:
        if name in _LITERALS:
            self.stack.append(argument)
        elif name in _CONSTANTS:
            self.stack.append(_CONSTANTS[name])
        elif name in _EMPTY:
            self.stack.append(_EMPTY[name]())
        elif (
            not self.memo_opcode(name, argument)
            and not self.container_opcode(name)
            and not self.object_opcode(name, argument)
        ):
            raise BadPickle(f"{name} is not read here")

    def memo_opcode(self, name: str, argument: Any) -> bool:
        """Opcodes of the stack and the memo; False for others."""
        match name:
            case "PROTO" | "FRAME":
                pass
            case "MARK":
                self.below.append(self.stack)
                self.stack = []
            case "POP_MARK":
                self.pop_mark()
            case "POP":
                self.pop()
            case "DUP":
                self.stack.append(self.stack[-1])
            case "PUT" | "BINPUT" | "LONG_BINPUT":
                self.memo[argument] = self.stack[-1]
            case "MEMOIZE":
                self.memo[len(self.memo)] = self.stack[-1]
            case "GET" | "BINGET" | "LONG_BINGET":
                self.stack.append(self.memo[argument])
            case _:
                return False
        return True

    def container_opcode(self, name: str) -> bool:
        """Opcodes of containers; False for others."""
        match name:
            case "TUPLE1" | "TUPLE2" | "TUPLE3":
                count = int(name[-1])
                self.stack[-count:] = [tuple(self.stack[-count:])]
            case "TUPLE":
                items = self.pop_mark()
                self.stack.append(tuple(items))
            case "LIST" | "FROZENSET":
                items = self.pop_mark()
                self.stack.append(items)
            case "DICT":
                items = self.pop_mark()
                self.stack.append({})
                self.set(items)
            case "APPEND":
                self.add([self.pop()])
            case "APPENDS" | "ADDITEMS":
                self.add(self.pop_mark())
            case "SETITEM":
                value, key = self.pop(), self.pop()
                self.set([key, value])
            case "SETITEMS":
                self.set(self.pop_mark())
            case _:
                return False
        return True

    def add(self, items: list[Any]) -> None:
        if isinstance(self.stack[-1], list):
            self.stack[-1].extend(items)

    def set(self, items: list[Any]) -> None:
        """Set alternating keys and values. A key that is no text may take for ever to hash, and names no tensor."""
        target = self.stack[-1]
        if isinstance(target, UnexecutedCall):
            target = target.entries
        if isinstance(target, dict):
            target.update((k, v) for k, v in zip(items[::2], items[1::2], strict=True) if isinstance(k, str))

    def object_opcode(self, name: str, argument: Any) -> bool:
        """Opcodes that would import, call or change something; False for others."""
        match name:
            case "GLOBAL":
                module, _, qualname = argument.partition(" ")
                self.stack.append(GlobalName(module, qualname))
            case "STACK_GLOBAL":
                qualname, module = self.pop(), self.pop()
                if not isinstance(module, str) or not isinstance(qualname, str):
                    raise BadPickle("a name is text")
                self.stack.append(GlobalName(module, qualname))
            case "REDUCE" | "NEWOBJ":
                arguments, function = self.pop(), self.pop()
                self.stack.append(self.call(function, arguments))
            case "NEWOBJ_EX":
                _, arguments, function = self.pop(), self.pop(), self.pop()
                self.stack.append(UnexecutedCall(function, arguments))
            case "INST" | "OBJ":
                items = self.pop_mark()
                self.stack.append(UnexecutedCall(argument or items[0], ()))
            case "BUILD":
                attributes = self.pop()
                if isinstance(self.stack[-1], UnexecutedCall):
                    self.stack[-1].attributes = attributes
            case "PERSID":
                self.stack.append(self.persistent(argument))
            case "BINPERSID":
                self.stack.append(self.persistent(self.pop()))
            case _:
                return False
        return True

    def call(self, function: Any, arguments: Any) -> Any:
        """A dict for a mapping type, filled later or from pairs (as Python 2 wrote them); else an unexecuted call."""
        if not isinstance(function, GlobalName) or (function.module, function.name) not in _MAPPINGS:
            return UnexecutedCall(function, arguments)
        pairs = arguments[0] if arguments and isinstance(arguments[0], list) else []
        self.budget.charge(len(pairs))  # the same list can be used again and again
        return {key: value for key, value in pairs if isinstance(key, str)}
