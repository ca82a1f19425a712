"""A pickle read as plain data: nothing in it is called, imported, hashed or allocated; what it asks for is noted.

A pickle is a program for a small machine with a stack. This machine knows containers, numbers and text. A class or a
function is only its name, what calling it would have made is only a note, and the state of an object is dropped. So
reading takes no more steps, and no more memory, than the file has: PyTorch's `weights_only` hashes a tuple nested
sixty deep (2^60 steps for a file of 525 bytes, with the interpreter lock held) and allocates whatever is asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from pickletools import genops
from typing import IO, Any

MOST_STEPS = 1_000_000
"""A tensor takes about forty; eight thousand with their optimizer's two averages fit."""

Persistent = Callable[[Any], Any]
"""What stands for an object that lies beside the pickle, by the name the pickle gives it."""

_KEPT = frozenset(
    (
        *("INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT"),
        *("STRING", "BINSTRING", "SHORT_BINSTRING", "UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8"),
        *("BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8"),
    )
)
_CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False, "EMPTY_TUPLE": ()}
_FRESH: dict[str, Callable[[], Any]] = {"EMPTY_LIST": list, "EMPTY_DICT": dict, "EMPTY_SET": list}
_MAPPINGS = frozenset({("collections", "OrderedDict"), ("collections", "defaultdict"), ("collections", "Counter")})


class TooManySteps(Exception):
    """A pickle with more than `MOST_STEPS`."""


class BadPickle(Exception):
    """A pickle that is damaged, or asks for what no file of weights needs."""


@dataclass(frozen=True, slots=True, eq=False)
class Named:
    """A class or a function, by its name alone."""

    module: str
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """What calling `maker` would have made; `arguments` is what the pickle would have called it with."""

    maker: Any
    arguments: Any


def parse(stream: IO[bytes], persistent: Persistent) -> Any:
    """The next pickle of a stream, which is left behind its end.

    None, bool, int, float, str, bytes, list, tuple, `Named`, `Made`, what `persistent` returns, and dict, of which only
    the entries with a str for their key are kept. Raises `TooManySteps`, `BadPickle`, and what damaged bytes raise.
    """
    machine = _Machine(persistent)
    for opcode, argument, _ in islice(genops(stream), MOST_STEPS):
        if opcode.name == "STOP":
            return machine.pop()
        machine.step(opcode.name, argument)
        if machine.charged > MOST_STEPS:
            break
    raise TooManySteps


class _Machine:
    def __init__(self, persistent: Persistent) -> None:
        self.persistent = persistent
        self.stack: list[Any] = []
        self.below: list[list[Any]] = []  # the stacks under each mark
        self.memo: dict[int, Any] = {}
        self.charged = 0

    def pop(self) -> Any:
        return self.stack.pop()

    def marked(self) -> list[Any]:
        """All that was pushed since the last mark."""
        items, self.stack = self.stack, self.below.pop()
        return items

    def step(self, name: str, argument: Any) -> None:
        if name in _KEPT:
            self.stack.append(argument)
        elif name in _CONSTANTS:
            self.stack.append(_CONSTANTS[name])
        elif name in _FRESH:
            self.stack.append(_FRESH[name]())
        elif not self.remembers(name, argument) and not self.collects(name) and not self.notes(name, argument):
            raise BadPickle(f"{name} is not read here")

    def remembers(self, name: str, argument: Any) -> bool:
        """What moves things between the stack and the memo."""
        match name:
            case "PROTO" | "FRAME":
                pass
            case "MARK":
                self.below.append(self.stack)
                self.stack = []
            case "POP_MARK":
                self.marked()
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

    def collects(self, name: str) -> bool:
        """What puts things into containers."""
        match name:
            case "TUPLE1" | "TUPLE2" | "TUPLE3":
                count = int(name[-1])
                self.stack[-count:] = [tuple(self.stack[-count:])]
            case "TUPLE":
                items = self.marked()
                self.stack.append(tuple(items))
            case "LIST" | "FROZENSET":
                items = self.marked()
                self.stack.append(items)
            case "DICT":
                items = self.marked()
                self.stack.append({})
                self.set(items)
            case "APPEND":
                self.add([self.pop()])
            case "APPENDS" | "ADDITEMS":
                self.add(self.marked())
            case "SETITEM":
                value, key = self.pop(), self.pop()
                self.set([key, value])
            case "SETITEMS":
                self.set(self.marked())
            case _:
                return False
        return True

    def add(self, items: list[Any]) -> None:
        if isinstance(self.stack[-1], list):
            self.stack[-1].extend(items)

    def set(self, items: list[Any]) -> None:
        """Keys and values in turn. Another key than text may take for ever to hash, and names no tensor."""
        target = self.stack[-1]
        if isinstance(target, dict):
            target.update((k, v) for k, v in zip(items[::2], items[1::2], strict=True) if isinstance(k, str))

    def notes(self, name: str, argument: Any) -> bool:
        """What would import, call or change something."""
        match name:
            case "GLOBAL":
                module, _, its_name = argument.partition(" ")
                self.stack.append(Named(module, its_name))
            case "STACK_GLOBAL":
                its_name, module = self.pop(), self.pop()
                if not isinstance(module, str) or not isinstance(its_name, str):
                    raise BadPickle("a name is text")
                self.stack.append(Named(module, its_name))
            case "REDUCE" | "NEWOBJ":
                arguments, maker = self.pop(), self.pop()
                self.stack.append(self.made(maker, arguments))
            case "NEWOBJ_EX":
                _, arguments, maker = self.pop(), self.pop(), self.pop()
                self.stack.append(Made(maker, arguments))
            case "INST" | "OBJ":
                items = self.marked()
                self.stack.append(Made(argument or items[0], ()))
            case "BUILD":
                self.pop()
            case "PERSID":
                self.stack.append(self.persistent(argument))
            case "BINPERSID":
                self.stack.append(self.persistent(self.pop()))
            case _:
                return False
        return True

    def made(self, maker: Any, arguments: Any) -> Any:
        """A mapping, which is filled later or from pairs (Python 2 wrote them so); of everything else a note."""
        if not isinstance(maker, Named) or (maker.module, maker.name) not in _MAPPINGS:
            return Made(maker, arguments)
        pairs = arguments[0] if arguments and isinstance(arguments[0], list) else []
        self.charged += len(pairs)  # the same list can be asked for again and again
        return {key: value for key, value in pairs if isinstance(key, str)}
