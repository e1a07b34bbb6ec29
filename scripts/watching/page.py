"""The table of alerts in docs/observe.md."""

from pictures.scale import shown
from watching.description import Alert, Watch

BEGIN = "<!-- Made by scripts/generate_dashboard.py of docker/observability/watch.toml. -->"
END = "<!-- End of what is made. -->"

HEAD = "| alert | when | what it means | what to do |\n|---|---|---|---|"


def page_with_alerts(page: str, watch: Watch) -> str:
    """Return the page with its table of alerts between the two marks.

    Raises:
        ValueError: the page has not each mark once.
    """
    if page.count(BEGIN) != 1 or page.count(END) != 1:
        raise ValueError(f"the page must have each of these lines once: {BEGIN} and {END}")
    before, _, rest = page.partition(BEGIN)
    after = rest.partition(END)[2]
    rows = "\n".join(_row(alert) for alert in watch.alerts)
    return f"{before}{BEGIN}\n\n{HEAD}\n{rows}\n\n{END}{after}"


def _row(alert: Alert) -> str:
    name = f'<a id="{alert.anchor}"></a>`{alert.name}`, {alert.severity}'
    return f"| {name} | {_when(alert)} | {alert.meaning} | {alert.action} |"


def _when(alert: Alert) -> str:
    """Return the limit, and for how long it must be passed."""
    side = "below" if alert.above is None else "above"
    return f"{side} {shown(alert.limit, alert.unit)} for {alert.hold.removesuffix('m')} min"
