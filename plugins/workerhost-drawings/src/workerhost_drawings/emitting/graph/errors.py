"""What is wrong with a graph that cannot be written as structured code."""


class IrreducibleError(ValueError):
    """The graph has a cycle that can be entered at two places.

    Args:
        steps: ids of the steps on it, in order.
    """

    def __init__(self, steps: tuple[str, ...]) -> None:
        super().__init__(f"the steps {', '.join(steps)} form a cycle that is entered at more than one of them")
        self.steps = steps


class NestingError(ValueError):
    """The graph nests deeper than Python allows.

    Args:
        step: the id of the step that would stand too deep.
        kind: what is nested: `loops`, or `conditions`.
        most: how many levels are allowed.
    """

    def __init__(self, step: str, kind: str, most: int) -> None:
        super().__init__(f"the step {step} stands in more than {most} {kind}; a part of them belongs into a child")
        self.step = step
