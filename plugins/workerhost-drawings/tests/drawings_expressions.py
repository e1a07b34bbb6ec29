"""Makes JavaScript expressions at random, over all operators and methods that are supported."""

import random
from typing import Any

VALUES: dict[str, Any] = {
    "n": 3,
    "zero": 0,
    "f": 2.5,
    "neg": -7,
    "big": 12345678901234567890,
    "s": "Hello, World",
    "e": "",
    "u": "a😀é\ud83dz ß",
    "d": " 42 ",
    "t": True,
    "no": False,
    "nil": None,
    "a": [3, 1, 2, 10],
    "w": ["b", "A", "c", "", "é", "😀"],
    "m": [1, "1", None, True, [2, [3]], {"x": 1}],
    "rows": [{"id": 1, "name": "x", "tags": ["p", "q"]}, {"id": 2, "name": "y", "tags": []}, {"id": 3, "name": "x"}],
    "o": {"a": 1, "b": {"c": [1, 2], "d": None}, "10": "ten", "2": "two", "": 0},
    "empty": {},
    "none": [],
    "step-1": {"a": {"b": "c"}, "n": 5},
}

_BY_KIND = {
    "number": ("n", "zero", "f", "neg", "big", "step-1.n", "o.a", "a[1]", "rows[0].id"),
    "text": ("s", "e", "u", "d", "w[0]", "rows[1].name", "o.b.c.length", 'o["10"]', "u[1]"),
    "array": ("a", "w", "m", "rows", "none", "o.b.c", "rows[0].tags", "rows[2].tags"),
    "object": ("o", "empty", "rows[0]", "o.b", "step-1", "step-1.a"),
    "boolean": ("t", "no"),
    "nothing": ("nil", "undefined", "o.missing", "n.x", "a[99]", "o?.b?.zz?.y", "nil?.a.b", "o.b.d", "empty.x?.trim()"),
}
_NUMBERS = [
    "0",
    "1",
    "2",
    "-1",
    "-0",
    "1.5",
    "0.1",
    "1e21",
    "1e-7",
    "123456789",
    "4294967296",
    "2147483648",
    ".5",
    "NaN",
    "Infinity",
    "-Infinity",
    "0x1F",
    "9007199254740991",
]
_TEXTS = (
    "''",
    "'a'",
    "'l'",
    "'1'",
    "'0x10'",
    "' 12 '",
    "'1e3'",
    "'é'",
    "'😀'",
    "'\\ud83d'",
    "'\\ude00'",
    '"x,y"',
    "'-0'",
    "'Infinity'",
    "','",
    "`q`",
)
_ARITHMETIC = ["+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>", ">>>"]
_ORDER = ["<", ">", "<=", ">=", "==", "!=", "===", "!=="]
KINDS = ("number", "text", "array", "object", "boolean", "nothing")


class Expressions:
    """Makes expressions, the same of one seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def make(self) -> str:
        """Return an expression."""
        return self._of(self._one(KINDS), self._random.randint(1, 4))

    def _one(self, choices: Any) -> Any:
        return self._random.choice(choices)

    def _any(self, depth: int) -> str:
        return self._of(self._one(KINDS), depth)

    def _of(self, kind: str, depth: int) -> str:
        """Return an expression that is mostly of a kind."""
        if self._random.random() < 0.07:
            kind = self._one(KINDS)
        if depth <= 0 or kind == "nothing":
            return self._leaf(kind)
        if self._random.random() < 0.2:
            return self._either_kind(kind, depth - 1)
        made: str = getattr(self, f"_{kind}")(depth - 1)
        return made

    def _leaf(self, kind: str) -> str:
        if kind == "number" and self._random.random() < 0.6:
            return str(self._one(_NUMBERS))
        if kind == "text" and self._random.random() < 0.6:
            return str(self._one(_TEXTS))
        return str(self._one(_BY_KIND[kind]))

    def _either_kind(self, kind: str, depth: int) -> str:
        a, b, c = self._any(depth), self._of(kind, depth), self._of(kind, depth)
        forms = (
            f"(({a}) ? {b} : {c})",
            f"(({a}) && ({b}))",
            f"(({a}) || ({b}))",
            f"(({a}) ?? ({b}))",
            f"[{b}, {c}][{self._one('01')}]",
            f"[{c}, {a}].at({self._one(('0', '-1', '-2', '5'))})",
            f"({{x: {b}}}).x",
        )
        return str(self._one(forms))

    def _number(self, depth: int) -> str:
        a, b, s, arr = (self._of(kind, depth) for kind in ("number", "number", "text", "array"))
        forms = (
            f"(({a}) {self._one(_ARITHMETIC)} ({b}))",
            f"(({self._any(depth)}) {self._one(_ARITHMETIC)} ({self._any(depth)}))",
            f"(-({a}))",
            f"(~({a}))",
            f"(+({self._any(depth)}))",
            f"(({self._one(('2', '-2', '0', 'n', 'neg', '1', '-0', 'NaN', 'Infinity'))}) ** ({self._one('0123')}))",
            f"Math.{self._one(['abs', 'ceil', 'floor', 'round', 'trunc', 'sign', 'sqrt'])}({a})",
            f"Math.{self._one(('max', 'min'))}({a}, {b}, ...({arr}))",
            f"Number({self._any(depth)})",
            f"parseInt({s}, {self._one(('10', '16', '2', '36', 'undefined', '1'))})",
            f"parseInt({self._any(depth)})",
            f"parseFloat({self._any(depth)})",
            f"({s}).length",
            f"({arr}).length",
            f"({s}).{self._one(('indexOf', 'lastIndexOf'))}({self._of('text', depth)})",
            f"({s}).indexOf({self._of('text', depth)}, {a})",
            f"({s}).lastIndexOf({self._of('text', depth)}, {a})",
            f"({s}).{self._one(('charCodeAt', 'codePointAt'))}({a})",
            f"({arr}).{self._one(('indexOf', 'lastIndexOf'))}({self._any(depth)}, {self._one('0123')})",
            f"({arr}).{self._one(('findIndex', 'findLastIndex'))}({self._function(depth)})",
            f"({arr}).{self._one(('reduce', 'reduceRight'))}((x, y) => x + y, {a})",
            f"({arr}).reduce((x, y, i) => x + i, {a})",
        )
        return str(self._one(forms))

    def _text(self, depth: int) -> str:
        s, r, a = (self._of(kind, depth) for kind in ("text", "text", "number"))
        n = self._one(("0", "1", "2", "3", "5", "-1", "9", "1.7", "NaN", "'2'", "undefined"))
        forms = (
            f"(({s}) + ({self._any(depth)}))",
            f"`{self._one(('', 'x'))}${{{self._any(depth)}}}-${{{s}}}`",
            f"String({self._any(depth)})",
            f"(typeof ({self._any(depth)}))",
            f"({s}).{self._one(['trim', 'trimStart', 'trimEnd', 'toUpperCase', 'toLowerCase', 'toString'])}()",
            f"({s}).{self._one(['slice', 'substring', 'substr'])}({n}, {a})",
            f"({s}).{self._one(['slice', 'substring', 'substr', 'charAt', 'at', 'repeat'])}({n})",
            f"({s}).{self._one(('padStart', 'padEnd'))}({self._one(('5', '12', 'n'))}, {r})",
            f"({s}).{self._one(('replace', 'replaceAll'))}({r}, {self._one(_TEXTS)})",
            f"({s}).{self._one(('replace', 'replaceAll'))}({r}, '[$&$$$`]')",
            f"({s}).replaceAll({r}, (x, i) => x + i)",
            f"({s}).concat({self._any(depth)}, {r})",
            f"({s})[{a}]",
            f"({a}).toFixed({self._one(('0', '1', '2', '10'))})",
            f"(({a}) % 1e9).toString({self._one(('', '2', '16', '36', '3'))})",
            f"({a}).toPrecision({self._one(('', '1', '3', '21'))})",
            f"({self._of('array', depth)}).join({self._one(('', r))})",
            f"({self._any(depth)}).toString()",
            f"JSON.stringify({self._any(depth)})",
            f"JSON.stringify({self._any(depth)}, null, {self._one(('2', '1', '0', repr('--'), repr('ü'), 'true'))})",
        )
        return str(self._one(forms))

    def _function(self, depth: int) -> str:
        if self._random.random() < 0.2:
            return str(self._one(("Boolean", "String", "Number", "x => true", "parseInt", "Array.isArray")))
        if self._random.random() < 0.2:
            return f"x => {self._any(min(depth, 1))}"
        inner = [
            "x",
            "x.id",
            "x > 1",
            "x?.id === 2",
            "i",
            "!x",
            "typeof x",
            "x + 1",
            "[x]",
            "({x, i})",
            "x?.name",
            "`${x}${i}`",
            "x ?? i",
            "i % 2 && x",
        ]
        return f"(x, i) => {self._one(inner)}"

    def _array(self, depth: int) -> str:
        arr, other, s, f = (
            self._of("array", depth),
            self._of("array", depth),
            self._of("text", depth),
            self._function(depth),
        )
        n = self._one(("0", "1", "-1", "2", "-3", "undefined", "Infinity"))
        forms = (
            f"[{self._any(depth)}, ...({arr}), {self._any(depth)}]",
            f"[...({s})]",
            f"({arr}).{self._one(('map', 'filter', 'flatMap'))}({f})",
            f"({arr}).slice({n}, {self._of('number', depth)})",
            f"({arr}).slice({n})",
            f"({arr}).concat({self._any(depth)}, {other})",
            f"({arr}).flat({self._one(('', '0', '1', 'Infinity'))})",
            f"({arr}).{self._one(('toSorted', 'toReversed'))}()",
            f"[...({arr})].{self._one(('sort', 'reverse'))}()",
            f"({arr}).toSorted((x, y) => {self._one(('x - y', 'y - x', 'x < y ? -1 : x > y ? 1 : 0'))})",
            f"({arr}).with({n}, {self._any(depth)})",
            f"({s}).split({self._one(('', self._of('text', depth)))})",
            f"({s}).split({self._of('text', depth)}, {self._one(('0', '1', '2', '-1'))})",
            f"Object.{self._one(('keys', 'values', 'entries'))}({self._of('object', depth)})",
            f"Object.{self._one(('keys', 'values', 'entries'))}({self._any(depth)})",
            f"Object.entries({self._of('object', depth)}).map(([k, v]) => `${{k}}=${{v}}`)",
            f"Array.from({arr})",
            f"Array.from({{length: {self._one('0123')}}}, (_, i) => i * 2)",
            "rows.map(({id, ...rest}) => [id, rest])",
            "rows.map(({id: key, name}) => name + key)",
        )
        return str(self._one(forms))

    def _object(self, depth: int) -> str:
        a, b = self._any(depth), self._any(depth)
        forms = (
            f"({{x: {a}, y: {b}, 2: {a}}})",
            f"({{...({a}), z: {b}}})",
            f"({{z: {b}, ...({self._of('object', depth)})}})",
            f"({{[{self._of('text', depth)}]: {a}, n, s}})",
            f"Object.assign({{}}, {self._of('object', depth)}, {{q: {b}}})",
            f"Object.fromEntries([[{self._of('text', depth)}, {a}], ['k', {b}]])",
            f"({self._of('array', depth)}).find({self._function(depth)})",
            f"JSON.parse(JSON.stringify({self._of('object', depth)}))",
        )
        return str(self._one(forms))

    def _boolean(self, depth: int) -> str:
        a, b, s, arr = self._any(depth), self._any(depth), self._of("text", depth), self._of("array", depth)
        c, d = self._of("number", depth), self._of("number", depth)
        forms = (
            f"(({a}) {self._one(_ORDER)} ({b}))",
            f"(({c}) {self._one(_ORDER)} ({d}))",
            f"(({s}) {self._one(_ORDER)} ({self._of('text', depth)}))",
            f"(({a}) {self._one(_ORDER)} {self._leaf(self._one(KINDS))})",
            f"(!({a}))",
            f"(!({a}) {self._one(('&&', '||'))} ({c}) > ({d}))",
            f"Boolean({a})",
            f"({self._one((a, s))}) in ({self._of('object', depth)})",
            f"isNaN({a})",
            f"isFinite({a})",
            f"Number.{self._one(['isNaN', 'isInteger', 'isFinite', 'isSafeInteger'])}({a})",
            f"Array.isArray({a})",
            f"({s}).{self._one(['includes', 'startsWith', 'endsWith'])}({self._of('text', depth)})",
            f"({s}).{self._one(['includes', 'startsWith', 'endsWith'])}({self._of('text', depth)}, {c})",
            f"({arr}).includes({a})",
            f"({arr}).{self._one(('some', 'every'))}({self._function(depth)})",
            f"({self._of('object', depth)}).hasOwnProperty({s})",
        )
        return str(self._one(forms))
