"""The alert rules of Prometheus."""

from typing import Any

import yaml

from watching.description import Alert, Watch

PAGE = "docs/observe.md"


def rules_of(watch: Watch) -> str:
    """Return the file of alert rules, as YAML."""
    group = {"name": "workerhost", "rules": [_rule(alert) for alert in watch.alerts]}
    return yaml.safe_dump({"groups": [group]}, sort_keys=False, allow_unicode=True, width=120)


def _rule(alert: Alert) -> dict[str, Any]:
    return {
        "alert": alert.name,
        "expr": alert.condition,
        "for": alert.hold,
        "labels": {"severity": alert.severity},
        "annotations": {
            "summary": alert.summary,
            "description": f"{alert.meaning} {alert.action}",
            "runbook": f"{PAGE}#{alert.anchor}",
        },
    }
