"""Which plugins a build needs is read from its sources."""

from workerhost.code.requirements import required_plugins
from workerhost.plugins import PluginReport

MAIL = PluginReport("mail", "1.0", "mail_plugin", activities=["sendMail"])
CHAT = PluginReport("chat", "2.0", "chat_plugin", activities=["post"])
BUILT_IN = PluginReport("database", "0.1.0")


def _needs(source: str, *own: str) -> tuple[str, ...]:
    return required_plugins({"echo.workflow": source}, own, [MAIL, CHAT, BUILT_IN])


def test_an_activity_that_is_named_needs_its_plugin() -> None:
    assert _needs("await workflow.execute_activity('sendMail', x)") == ("mail",)
    assert _needs("NAMES = ['post', 'sendMail']") == ("chat", "mail")
    assert _needs("x = 'sendMails'") == ()
    assert _needs("class A:\n    async def run(self):\n        return lambda: {'x': {'a': ('b', 'post')}}") == ("chat",)
    assert _needs("x = y in {'a', 'post'} or f(name='send' 'Mail')") == ("chat", "mail")


def test_a_package_that_is_imported_needs_its_plugin() -> None:
    assert _needs("import chat_plugin.models as models") == ("chat",)
    assert _needs("from mail_plugin import Mail") == ("mail",)
    assert _needs("def f():\n    if x:\n        import json, chat_plugin.models") == ("chat",)
    assert _needs("from .mail_plugin import Mail\nimport mail_plugins") == ()


def test_the_project_s_own_activity_of_that_name_needs_none() -> None:
    assert _needs("x = 'sendMail'", "sendMail") == ()
