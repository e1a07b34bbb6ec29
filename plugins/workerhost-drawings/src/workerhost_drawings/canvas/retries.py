"""Retry policies, as canvases write them."""

from workerhost_drawings.checks.near import near
from workerhost_drawings.fields.reader import FieldReader
from workerhost_drawings.flow.steps import Retry
from workerhost_drawings.problems import Findings

STRATEGIES = ("keep-trying", "fail-after-x", "exponential-backoff", "none")


def read_retry(policy: object, path: str, findings: Findings, node: str | None, said: str = "") -> Retry | None:
    """Return a retry policy; None where it is none, and the findings say why.

    Args:
        policy: an object with a strategy.
        path: where it stands.
        findings: where problems go.
        node: to which it belongs.
        said: how the sentences of problems begin.
    """
    fields = FieldReader([(f"{path}.", policy if isinstance(policy, dict) else {})], findings, node, said)
    if not isinstance(policy, dict):
        fields.problem("A retry policy is an object with a strategy.", path)
        return None
    before = len(findings.problems)
    strategy = policy.get("strategy") or ("fail-after-x" if policy.get("maxAttempts") else "keep-trying")
    if strategy not in STRATEGIES:
        reason = f"A strategy is one of {', '.join(STRATEGIES)}.{near(str(strategy), STRATEGIES)}"
        fields.problem(reason, f"{path}.strategy")
    if strategy == "none":
        return Retry(maximum_attempts=1)
    attempts = fields.number("maxAttempts", 1, 1_000_000, whole=True)
    if strategy == "fail-after-x" and fields.find("maxAttempts")[0] is None:
        fields.problem("The strategy fail-after-x needs maxAttempts.", f"{path}.maxAttempts")
    first, longest = fields.time("initialInterval"), fields.time("maxInterval")
    if longest is not None and longest < (first or 1000):
        reason = "maxInterval is shorter than initialInterval, which is 1s where it is not set."
        fields.problem(reason, f"{path}.maxInterval")
    coefficient = fields.number("backoffCoefficient", 1, 1000)
    if len(findings.problems) > before:
        return None
    return Retry(
        maximum_attempts=0 if strategy == "keep-trying" or attempts is None else int(attempts),
        initial_interval=first,
        maximum_interval=longest,
        backoff_coefficient=2 if coefficient is None and strategy == "exponential-backoff" else coefficient,
    )
