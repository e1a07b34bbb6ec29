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
    """The graph nests deeper, or branches wider, than Python allows.

    Args:
        step: the id of the step at which that is so.
        reason: what is too much there, as the rest of a sentence that begins with the step.
    """

    def __init__(self, step: str, reason: str) -> None:
        super().__init__(f"the step {step} {reason}; a part of the flow in a workflow of its own would do")
        self.step = step
