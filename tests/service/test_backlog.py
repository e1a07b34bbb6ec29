"""The host asks Temporal how much waits in the queues of its projects."""

from workerhost.runtime.metrics.backlog import BacklogWatch
from workerhost.runtime.metrics.host_figures import HostFigures, ServedProject
from workerhost.runtime.metrics.names import LabelNames
from workerhost.runtime.service import Service
from workerhost.words import WorkerStatus


def test_a_queue_that_temporal_says_nothing_about_hides_no_other(service: Service) -> None:
    queues = {"refused": "", "shop": "shop-queue"}
    projects = tuple(ServedProject(key, queue, WorkerStatus.FAILED) for key, queue in queues.items())
    names = LabelNames(10)
    for each in projects:
        names.project(each.id)
    watch = BacklogWatch(service.temporal, lambda: HostFigures(projects, {}, 10, 0.0), names)
    watch.note_scrape()
    watch.look()
    shown = {sample.labels["project"] for family in watch.collect() for sample in family.samples}
    assert shown == {"shop"}
