"""Makes flows of the graph: loops and parallel branches become flows within a flow."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from workerhost_drawings.flow.chains import leading
from workerhost_drawings.flow.expressions import Expression, Local
from workerhost_drawings.flow.steps import Assign, Branch, Case, End, Flow, ForEach, Lane, Parallel, Step, While
from workerhost_drawings.graphs.graph import Graph, Parts
from workerhost_drawings.graphs.level import Level

DEEPEST = 12
"""How deep loops and parallel branches may stand in each other; Python itself knows an end."""

Place = tuple[tuple[str, str], ...]
"""The loops and branches around a flow: the loop or the forking node, and the branch."""


@dataclass(frozen=True)
class _Placed:
    """A node on its level."""

    steps: tuple[Step, ...]
    following: tuple[str | None, ...]
    """The nodes that follow; None is the level's end. Steps that lead nowhere lead to the first."""
    result: str | None = None
    """The local of its result."""


class Assembly:
    """Makes the flow of a graph.

    Args:
        graph: which can be walked.
        parts: what its nodes say.
    """

    def __init__(self, graph: Graph, parts: Parts) -> None:
        self._graph = graph
        self._parts = parts
        self._items: dict[str, list[tuple[str, Place]]] = {}

    def flow(self) -> Flow:
        """Return the flow of the whole drawing."""
        level = Level(self._graph, self._parts, self._graph.entry, dict.fromkeys(self._graph.ways), frozenset())
        flow = self._flow(level, ())
        self._check_items()
        return flow

    def _flow(self, level: Level, place: Place, *, is_body: bool = False) -> Flow:
        if level.entry not in level.nodes:
            return Flow()
        if len(place) > DEEPEST:
            self._parts.places[level.entry].problem(
                f"Loops and parallel branches stand in each other {DEEPEST} deep at most. "
                "Make a child workflow of this."
            )
            return Flow()
        placed: dict[str, _Placed] = {}
        waiting = [level.entry]
        for node in waiting:
            if node not in placed:
                placed[node] = self._placed(level, node, place)
                waiting += [each for each in placed[node].following if each is not None]
        results = _Results(level, placed, self._parts)
        result = None if is_body else results.before(None)
        ends = {each: results.before(each) for each in placed if each in self._parts.ends}
        steps = [step for node in placed for step in self._steps(node, placed[node], ends.get(node), results)]
        return Flow(start=level.entry, steps=steps, result=result)

    def _steps(self, node: str, placed: _Placed, ended: Expression | None, results: "_Results") -> Iterator[Step]:
        fields = self._parts.places[node]
        if node in self._parts.ends:
            form = self._parts.ends[node]
            yield End(**fields.step(), result=form.result(form.mapping or ended))
            return
        kept = [
            Assign(id=fields.step(f"kept {into}")["id"], into=into, value=Local(name=placed.result or "?"))
            for into in results.kept(node)
        ]
        after = placed.following[0] if placed.following else None
        chain = [*leading(placed.steps, kept[0].id if kept else after)]
        for index, step in enumerate(kept):
            following = kept[index + 1].id if index + 1 < len(kept) else after
            chain.append(step.model_copy(update={"next": following}))
        yield from chain

    def _placed(self, level: Level, node: str, place: Place) -> _Placed:
        fields = self._parts.places[node]
        for stray in level.strays(node):
            fields.problem(
                f"The way to {stray} leads out of the loop or the parallel branch in which {node} stands.",
                "edges",
            )
        if node in self._parts.ends:
            return _Placed((), ())
        if node in self._parts.conditions:
            return self._condition(level, node)
        if node in self._parts.loops:
            return self._loop(level, node, place)
        targets = self._graph.targets(node)
        if len(targets) > 1:
            return self._fork(level, node, place)
        return _Placed(
            self._parts.steps[node], (_on(level, targets[0] if targets else None),), self._parts.results.get(node)
        )

    def _condition(self, level: Level, node: str) -> _Placed:
        fields = self._parts.places[node]
        true, false = self._graph.to(node, "true"), self._graph.to(node, "false")
        if level.is_open(node):
            false = level.behind(node)
            goes = f"goes on at {false}" if false else "ends there, or comes to the end of its loop or branch"
            fields.warning(f"The condition has no false branch. Where it is not so, the run {goes}.", "edges")
        case = Case(when=self._parts.conditions[node], next=_on(level, true))
        branch = Branch(**fields.step(), cases=[case], next=_on(level, false))
        return _Placed((branch,), (branch.next, case.next))

    def _loop(self, level: Level, node: str, place: Place) -> _Placed:
        fields, form = self._parts.places[node], self._parts.loops[node]
        first, done = self._graph.to(node, "continue"), _on(level, self._graph.to(node, "done"))
        nodes = level.body(node)
        if nodes is None:
            return self._left_loop(level, node)
        self._check_entries(node, nodes, f"the body of the loop {node}")
        inner = Level(self._graph, self._parts, first or node, nodes, frozenset((node,)))
        if first is not None and first != node and first not in nodes:
            fields.problem(f"The body of the loop leads to {first}, which stands outside.", "edges")
        body = self._flow(inner, (*place, (node, "")), is_body=True)
        if place and (form.reset_after or form.reset_history):
            fields.warning("The loop stands in another one or in a parallel branch, where no run continues as new.")
        if form.items is None:
            step: Step = While(
                **fields.step(),
                condition=form.test,
                body=body,
                reset_after=None if place else form.reset_after,
                reset_history=None if place else form.reset_history,
            )
        else:
            for name in (form.item, *((form.index,) if form.index else ())):
                self._items.setdefault(name, []).append((node, place))
            step = ForEach(
                **fields.step(),
                items=form.items,
                item=form.item,
                index=form.index,
                condition=form.condition,
                body=body,
            )
        return _Placed((step,), (done,))

    def _left_loop(self, level: Level, node: str) -> _Placed:
        """Return a loop out of whose body a way leads: a branch, to which the body leads back."""
        fields, form = self._parts.places[node], self._parts.loops[node]
        if form.items is not None or form.reset_after or form.reset_history:
            fields.problem(
                "A way leads out of the body of this loop to what follows it. That is possible for a loop with a "
                "condition that does not continue as new; here the body must lead back, or to an end.",
                "edges",
            )
        first, done = self._graph.to(node, "continue"), self._graph.to(node, "done")
        case = Case(when=form.test, next=_on(level, first))
        branch = Branch(**fields.step(), cases=[case], next=_on(level, done))
        return _Placed((branch,), (branch.next, case.next))

    def _fork(self, level: Level, node: str, place: Place) -> _Placed:
        fields = self._parts.places[node]
        meeting = level.meeting(node)
        stops = (node, meeting) if meeting is not None else (node,)
        lanes = {each: level.reach(each, stops) for each in self._graph.targets(node) if each in level.nodes}
        lanes = {each: nodes for each, nodes in lanes.items() if nodes}
        owner: dict[str, str] = {}
        for first, nodes in lanes.items():
            shared = [each for each in nodes if each in owner]
            if shared:
                fields.problem(
                    f"The branches {owner[shared[0]]} and {first} run at once and share the nodes {_listed(shared)}, "
                    "though not all branches come there. Let all meet in one node, or none.",
                    "edges",
                )
                return _Placed(self._parts.steps[node], (meeting,))
            owner.update(dict.fromkeys(nodes, first))
            if any(node in level.targets(each) for each in nodes):
                fields.problem(f"The branch {first} leads back to the node at which it begins.", "edges")
                return _Placed(self._parts.steps[node], (meeting,))
        for first, nodes in lanes.items():
            self._check_entries(node, nodes, f"the parallel branch {first}")
        return self._parallel(level, node, place, meeting, lanes)

    def _parallel(
        self, level: Level, node: str, place: Place, meeting: str | None, lanes: Mapping[str, dict[str, None]]
    ) -> _Placed:
        fields, own = self._parts.places[node], self._parts.results.get(node)
        if len(lanes) < 2:
            return _Placed(self._parts.steps[node], (next(iter(lanes), meeting),), own)
        exits = frozenset((meeting,)) if meeting is not None else level.exits
        branches = []
        for first, nodes in lanes.items():
            for end in (each for each in nodes if each in self._parts.ends):
                self._parts.places[end].warning("The run ends here, also while other branches have not ended.")
            inner = Level(self._graph, self._parts, first, nodes, exits)
            branches.append(Lane(name=first, flow=self._flow(inner, (*place, (node, first)))))
        result = self._parts.helper(f"branches_{node}")
        step = Parallel(**fields.step("branches"), branches=branches, result=result)
        head = self._parts.steps[node]
        return _Placed((*leading(head, step.id), step), (meeting,), result)

    def _check_entries(self, owner: str, nodes: Mapping[str, None], what: str) -> None:
        for each in nodes:
            for other in self._graph.before[each]:
                if other not in nodes and other != owner:
                    self._parts.places[other].problem(f"The way to {each} leads into {what} from outside.", "edges")

    def _check_items(self) -> None:
        """Report loops that run within or beside each other and name their items alike, since they share the name."""
        for name, loops in self._items.items():
            for index, (loop, place) in enumerate(loops):
                clash = next((other for other, around in loops[:index] if _meet(loop, place, other, around)), None)
                if clash is not None:
                    self._parts.places[loop].problem(
                        f"The loops {clash} and {loop} run within or beside each other, and both name an item {name}. "
                        "Give one of them another itemVariable.",
                        "config.itemVariable",
                    )


class _Results:
    """Finds the results of nodes that stand before the end of a level, or before an `end`."""

    def __init__(self, level: Level, placed: Mapping[str, _Placed], parts: Parts) -> None:
        self._level, self._placed, self._parts = level, placed, parts
        self._kept: dict[str, list[str]] = {}
        self._before: dict[str | None, list[str]] = {}
        for node, each in placed.items():
            for target in each.following:
                self._before.setdefault(target, []).append(node)

    def kept(self, node: str) -> list[str]:
        """Return the locals into which the result of a node is put as well."""
        return self._kept.get(node, [])

    def before(self, node: str | None) -> Expression | None:
        """Return the result of the node before; where it may be one of several, it is kept in a local of its own."""
        if node is not None and self._parts.ends[node].mapping is not None:
            return None
        found: dict[str, None] = {}
        waiting = list(self._before.get(node, ()))
        seen = set(waiting)
        for each in waiting:
            if self._placed[each].result is not None:
                found[each] = None
                continue
            new = [before for before in self._before.get(each, ()) if before not in seen]
            seen.update(new)
            waiting += new
        names = {self._placed[each].result: None for each in found}
        if len(names) == 1:
            return Local(name=next(iter(names)) or "?")
        if not names:
            return None
        local = self._parts.helper(f"outcome_{node or self._level.entry}")
        for each in found:
            self._kept.setdefault(each, []).append(local)
        return Local(name=local)


def _on(level: Level, target: str | None) -> str | None:
    """Return a target on this level; None where that is its end."""
    return target if target in level.nodes else None


def _meet(loop: str, place: Place, other: str, around: Place) -> bool:
    one, two = (*place, (loop, "")), (*around, (other, ""))
    for (owner, lane), (owner2, lane2) in zip(one, two, strict=False):
        if (owner, lane) != (owner2, lane2):
            return owner == owner2
    return True


def _listed(names: list[str]) -> str:
    return ", ".join(names[:10]) + (" and more" if len(names) > 10 else "")
