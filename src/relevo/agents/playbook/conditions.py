"""Conditions (`when: "intent_seen('precio') and not order"`): a small closed language, never run as Python."""

from __future__ import annotations

import ast
import operator
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FUNCTIONS: dict[str, str] = {
    "intent_seen": "intents",
    "flow": "flows",
    "slot": "slots",
    "filled": "slots",
    "missing": "slots",
    "said": "replies",
    "tag": "",
}
"""Functions and the section of the playbook their arguments name (empty: free)."""
NAMES: dict[str, frozenset[str]] = {
    "order": frozenset({"status", "total", "id"}),
    "hours": frozenset({"people_open"}),
    "stage": frozenset(),
    "language": frozenset(),
    "acknowledged": frozenset(),
    "returning": frozenset(),
    "asking": frozenset(),
}
"""Names and their attributes."""
FLOW_ATTRIBUTES = frozenset({"started", "unfinished", "finished"})

_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b,
}


class Circumstances(Protocol):
    """What a condition may ask about."""

    def call(self, function: str, arguments: tuple[str, ...]) -> object:
        """Answer a function; a flow answers with the set of its attributes that hold."""
        ...

    def name(self, name: str, attribute: str | None) -> object:
        """Answer a name or one of its attributes."""
        ...


class Condition:
    """A parsed condition."""

    def __init__(self, text: str) -> None:
        """Parse; raises ValueError with a sentence for the shop when it is not one of ours."""
        self.text = text
        try:
            self._tree = ast.parse(text, mode="eval").body
        except SyntaxError:
            raise ValueError(f"`{text}` is not a condition") from None
        _allowed(self._tree)

    def references(self) -> Iterator[tuple[str, str]]:
        """Yield (section, name) of each thing of the playbook it names."""
        for node in ast.walk(self._tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                section = FUNCTIONS[node.func.id]
                for argument in node.args:
                    if section and isinstance(argument, ast.Constant):
                        yield section, str(argument.value)

    def mentions(self, name: str) -> bool:
        """Tell whether a name occurs in it."""
        return any(isinstance(node, ast.Name) and node.id == name for node in ast.walk(self._tree))

    def holds(self, circumstances: Circumstances) -> bool:
        """Evaluate. What cannot be compared (an order's total without an order) does not hold."""
        try:
            return bool(_value(self._tree, circumstances))
        except TypeError:
            return False


def _allowed(node: ast.expr) -> None:  # noqa: C901, PLR0912 # one case for each form of the language
    match node:
        case ast.Constant(value=str() | int() | float() | bool()):
            return
        case ast.Tuple(elts=elements) | ast.List(elts=elements):
            for element in elements:
                _allowed(element)
        case ast.BoolOp(values=values):
            for value in values:
                _allowed(value)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            _allowed(operand)
        case ast.Compare(left=left, comparators=comparators):
            for side in (left, *comparators):
                _allowed(side)
        case ast.Call(func=ast.Name(id=function), args=arguments, keywords=[]):
            if function not in FUNCTIONS:
                raise ValueError(f"unknown function `{function}`; there are {', '.join(sorted(FUNCTIONS))}")
            if not arguments or not all(isinstance(a, ast.Constant) and isinstance(a.value, str) for a in arguments):
                raise ValueError(f"`{function}(…)` takes names in quotes")
        case ast.Attribute(value=ast.Call(func=ast.Name(id="flow")) as call, attr=attribute):
            _allowed(call)
            if attribute not in FLOW_ATTRIBUTES:
                raise ValueError(f"a flow is {', '.join(sorted(FLOW_ATTRIBUTES))}, not `{attribute}`")
        case ast.Attribute(value=ast.Name(id=name), attr=attribute):
            if attribute not in NAMES.get(name, frozenset()):
                raise ValueError(f"unknown `{name}.{attribute}`")
        case ast.Name(id=name):
            if name not in NAMES:
                raise ValueError(f"unknown name `{name}`; there are {', '.join(sorted(NAMES))}")
        case _:
            raise ValueError(f"`{ast.unparse(node)}` is more than a condition may hold")


def _value(node: ast.expr, circumstances: Circumstances) -> Any:  # noqa: ANN401, C901, PLR0911 # one case for each form
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Tuple(elts=elements) | ast.List(elts=elements):
            return tuple(_value(element, circumstances) for element in elements)
        case ast.BoolOp(op=ast.And(), values=values):
            return all(_value(value, circumstances) for value in values)
        case ast.BoolOp(values=values):
            return any(_value(value, circumstances) for value in values)
        case ast.UnaryOp(operand=operand):
            return not _value(operand, circumstances)
        case ast.Compare(left=left, ops=ops, comparators=comparators):
            sides = [_value(side, circumstances) for side in (left, *comparators)]
            return all(_COMPARE[type(op)](sides[i], sides[i + 1]) for i, op in enumerate(ops))
        case ast.Call(func=ast.Name(id=function), args=arguments):
            return circumstances.call(function, _names(arguments))
        case ast.Attribute(value=ast.Call(args=arguments), attr=attribute):
            return attribute in circumstances.call("flow", _names(arguments))  # pyright: ignore[reportOperatorIssue] # a flow answers with a set
        case ast.Attribute(value=ast.Name(id=name), attr=attribute):
            return circumstances.name(name, attribute)
        case ast.Name(id=name):
            return circumstances.name(name, None)
        case _:
            raise TypeError(ast.dump(node))


def _names(arguments: list[ast.expr]) -> tuple[str, ...]:
    return tuple(str(a.value) for a in arguments if isinstance(a, ast.Constant))
