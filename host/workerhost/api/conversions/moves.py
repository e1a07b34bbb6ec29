"""Runs that are moved to another build, or could not be."""

from workerhost.answers import BuildMoveInfo, DivergedRunInfo, MoveResult
from workerhost.runtime.deployments.mover import MovedExecution
from workerhost.store.moves import BuildMove
from workerhost.words import MoveStatus


def move_result(moved: MovedExecution) -> MoveResult:
    """Return what moving one run did."""
    what = "goes on with" if moved.has_changed else "is already on"
    return MoveResult(
        success=True,
        message=f"Execution {moved.run.workflow_id} {what} build {moved.to_build}",
        workflow_id=moved.run.workflow_id,
        run_id=moved.run.run_id,
        from_build=moved.from_build,
        to_build=moved.to_build,
        changed=moved.has_changed,
    )


def build_move_info(move: BuildMove) -> BuildMoveInfo:
    """Return how far a move of many runs has come."""
    return BuildMoveInfo(
        success=move.status != MoveStatus.FAILED,
        message=move.message or f"{move.moved} of {move.total} runs were moved to build {move.to_build}",
        move_id=move.id,
        status=move.status,
        from_build=move.from_build,
        to_build=move.to_build,
        total=move.total,
        moved=move.moved,
        not_moved=tuple(DivergedRunInfo.model_validate(run) for run in move.not_moved),
        started_at=move.started_at,
        ended_at=move.ended_at,
    )
