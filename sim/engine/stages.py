"""From stage to stage: how tasks of workflows begin, go on, branch, join and end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sim import maths
from sim.engine.trace import BranchToken, Fork, Trace, begin_pass, fresh_token, scalar_ticks
from sim.engine.underway import Underway
from sim.log import NULL
from sim.plan.codes import GUARD_AT, REFUSED, pack_code
from sim.plan.guards import HOPS
from sim.plan.steps import VALUE, FinalStep, RouteStep, StagePlan, StageStep, TriageStep, WorkflowPlan
from sim.rules.failures import Outcome
from sim.rules.routing import Reason
from sim.topology import Action

if TYPE_CHECKING:
    from sim.engine.token import Source
    from sim.plan.steps import Target

_new = object.__new__
_NONE = int(Outcome.NONE)


class Lead(NamedTuple):
    """Where the end of a stage leads: into `stage`, at `step`, or to one of the ends of a workflow."""

    end: FinalStep | None
    stage: StagePlan | None = None
    step: StageStep | None = None
    reason: int = 0
    """Why, where that is not the reason of the row itself."""
    has_failed: bool = False
    drops_output: bool = False
    """Whether the stage came to nothing, so that what had come into it goes on."""
    is_back: bool = False
    """Whether the task returns to where its defect was born, with what had come into that stage."""

    @property
    def number(self) -> int:
        """Number of what comes next, for the row."""
        follows: Any = self.end or self.step
        return int(follows.number)


class Stages(Underway):
    """Moves tokens of workflows from stage to stage; what happens inside a stage is left to its subclass."""

    # -- begin ------------------------------------------------------------------------------------------------

    def arrive(self, source: Source) -> None:
        """A task arrives; one of a workflow begins its first stage."""
        plan = source.plan
        if not isinstance(plan, WorkflowPlan):
            super().arrive(source)
            return
        now: int = source.facts[0]
        trace = Trace(plan)
        self.guards.admit(trace, now)
        token = fresh_token(trace, _new(BranchToken))
        token.facts, token.uid, token.rank = source.facts, source.uid, source.rank
        stage = plan.stages[0]
        step, is_dear = self._entry(token, stage)
        reason = Reason.HIGH_VALUE if is_dear else Reason.ARRIVED
        code = pack_code(plan.arrival_code & 0xFFFF, _NONE, reason, step.number)
        token.cause = self.write(
            token.uid, NULL, code, 65536, 0, NULL, NULL, NULL, NULL, now, NULL, NULL, token.facts[VALUE]
        )
        self.live[token] = None
        if self.warm_up <= now < self.horizon:
            self.open_measured += 1
        self._enter(token, stage, step, now)
        self._check_size(plan.type_id, token)
        self.await_next(source, now)

    def _entry(self, token: BranchToken, stage: StagePlan) -> tuple[StageStep, bool]:
        """The first step of a stage for this task, and whether its value chose it."""
        target: Target = stage.first
        is_dear = False
        while not isinstance(target, StageStep):
            if isinstance(target, TriageStep):
                target = target.go[self._tier(token, target)]
            else:
                assert isinstance(target, RouteStep)
                is_dear = token.facts[VALUE] > target.value_limit
                target = target.go[int(Reason.HIGH_VALUE if is_dear else Reason.CONFIDENT)]
        return self._instead(token, target), is_dear

    @staticmethod
    def _tier(token: BranchToken, triage: TriageStep) -> int:
        """Where a cascade begins, by the estimated hardness: parts of the task and of the stage, made standard."""
        m, index = maths.scalar, token.index
        own, at_stage = (stream.scalar_normal(index) for stream in triage.hardness)
        estimate = (m.sqrt(0.5) * own + m.sqrt(0.3) * at_stage) / m.sqrt(0.8)
        estimate += triage.error * triage.stream.scalar_normal(index)
        tier = 0
        for boundary in triage.boundaries:
            tier += estimate >= boundary
        return tier

    @staticmethod
    def _instead(token: BranchToken, step: StageStep) -> StageStep:
        """The step, or that of the cheaper role that stands in for its role."""
        other = token.trace.instead.get(step.role)
        return step.stand_ins.get(other, step) if other is not None else step

    def _enter(self, token: BranchToken, stage: StagePlan, step: StageStep, now: int) -> None:
        """Begins a pass through a stage at a step, after whatever the hand-off takes."""
        trace = token.trace
        has_come_from = bool(token.visited or token.branch)
        if token.is_wrong and token.born == stage.number:
            token.is_wrong, token.born = False, -1  # done again: what was wrong with it is thrown away
        begin_pass(token, stage)
        trace.passes[stage.number] += 1
        token.visited.append(stage.number)
        token.goal = step
        if stage.hand_off is not None and has_come_from:
            self._hand_over(token, stage)
        if stage.misrouting:
            self._misroute(token, stage)
        if token.errands:
            self._run_errand(token, step)
        else:
            self._join(token, step, now)

    # -- the end of a stage -----------------------------------------------------------------------------------

    def _lead(self, token: BranchToken, has_failed: bool, reason: int = 0) -> Lead:
        """Where the end of the stage in hand leads; nothing is changed yet."""
        stage, trace = token.stage, token.trace
        ends = trace.plan.ends
        ending = "failed" if has_failed else self._ending(token)
        if ending in stage.on:
            return self._into(token, stage.on[ending], has_failed)
        if has_failed:
            return Lead(ends[_failing(token)], reason=reason, has_failed=True)
        if stage.parallel:
            return Lead(ends["branch"])
        following = stage.shares[0][1]
        if len(stage.shares) > 1:
            drawn = int(
                maths.scalar.billionths(
                    stage.branch_stream.scalar(token.index, trace.passes[stage.number] - 1)
                )
            )
            following = next(target for upper, target in stage.shares if drawn < upper)
        return self._into(token, following, False)

    @staticmethod
    def _ending(token: BranchToken) -> str:
        maker = token.maker
        return "by_person" if maker is not None and maker.action is Action.EXECUTE else "by_agent"

    def _into(self, token: BranchToken, stage: StagePlan | None, drops: bool = False) -> Lead:
        """Into a stage, to the join of its branch, or to the delivery; perhaps without what this stage made."""
        trace, ends = token.trace, token.trace.plan.ends
        if stage is None:
            return Lead(ends["redeliver" if trace.is_delivered else "deliver"])
        if token.fork is not None and stage is token.fork.join:
            return Lead(ends["join"], drops_output=drops)
        if not self._may_pass(trace, stage):
            end = ends[_failing(token)]
            return Lead(end, reason=int(Reason.PASSES_EXHAUSTED), has_failed=True)
        return self._across(token, stage, token.maker, drops)

    @staticmethod
    def _may_pass(trace: Trace, stage: StagePlan) -> bool:
        """Whether the task may come to a stage once more: as often again after it was delivered and reopened."""
        return trace.passes[stage.number] < stage.max_passes * (2 if trace.is_delivered else 1)

    def _across(
        self, token: BranchToken, stage: StagePlan, maker: StageStep | None, drops: bool = False
    ) -> Lead:
        """From what `maker` made into a stage, where passing from agent to agent may count as a hop."""
        step, is_dear = self._entry(token, stage)
        reason = int(Reason.HIGH_VALUE) if is_dear else 0
        is_hop = step.action is Action.ATTEMPT and (maker is None or maker.action is not Action.EXECUTE)
        if is_hop and not self.guards.may_pass_on(token.trace):
            reason = int(Reason.HOP_LIMIT)
            if stage.person is None:
                return Lead(token.trace.plan.ends[_failing(token)], reason=reason, has_failed=True)
            step = stage.person
        return Lead(None, stage, step, reason, drops_output=drops)

    @staticmethod
    def _may_try(token: BranchToken, step: StageStep) -> bool:
        """Whether a role has an attempt left in this pass (row RT-10)."""
        return token.tried.get(step.role, 0) < step.max_attempts

    def _follow(self, token: BranchToken, lead: Lead, now: int) -> None:
        """Goes where the end of a stage leads."""
        if lead.is_back:
            token.is_wrong, token.born = False, -1
        elif lead.drops_output:
            token.is_wrong, token.born = token.inherited, token.inherited_from
        if lead.end is None:
            assert lead.stage is not None
            assert lead.step is not None
            self._enter(token, lead.stage, lead.step, now)
            return
        match lead.end.action:
            case Action.BRANCH:
                self._branch(token, now)
            case Action.JOIN:
                self._come_to_join(token, now, lead.has_failed)
            case Action.DELIVER:
                self._delivered(token)
            case _:
                self._over(token)

    def _branch(self, token: BranchToken, now: int) -> None:
        """One token for each branch; the task waits for them."""
        stage, trace = token.stage, token.trace
        assert stage.join is not None
        fork = Fork(token, stage.join, len(stage.parallel))
        token.goal, token.queued = None, NULL
        base = token.rank - (token.rank & 0xFFFF)
        for begins in stage.parallel:
            trace.branches += 1
            child = fresh_token(trace, _new(BranchToken))
            child.facts, child.uid, child.cause = token.facts, token.uid, token.cause
            child.branch, child.fork, child.rank = trace.branches, fork, base + (trace.branches & 0xFFFF)
            child.is_wrong, child.born, child.context = token.is_wrong, token.born, token.context
            child.stage, child.maker = begins, token.maker
            self.live[child] = None
            self._begin_branch(child, begins, now)

    def _begin_branch(self, child: BranchToken, stage: StagePlan, now: int) -> None:
        """A branch begins its first stage; one that may not has a row that says so, then comes to its join."""
        lead = self._into(child, stage)
        is_hop_limit = lead.reason == int(Reason.HOP_LIMIT)
        if is_hop_limit or lead.end is not None:
            step, _ = self._entry(child, stage)
            guard = (HOPS + 1) << GUARD_AT if is_hop_limit else 0
            code = pack_code(step.number, _NONE, lead.reason, lead.number) | REFUSED
            self._write_event(child, code, now, guard)
        self._follow(child, lead, now)

    def _come_to_join(self, child: BranchToken, now: int, has_failed: bool) -> None:
        """A branch is done; the last one lets the task go on."""
        fork = child.fork
        assert fork is not None
        del self.live[child]
        fork.waiting -= 1
        fork.failed = fork.failed or has_failed
        if child.is_wrong and not has_failed:
            fork.is_wrong, fork.born = True, child.born if fork.born < 0 else fork.born
        fork.context = min(fork.context, child.context)
        if fork.waiting:
            return
        parent, join = fork.parent, fork.join
        parent.is_wrong, parent.born, parent.context = fork.is_wrong, fork.born, fork.context
        parent.cause = child.cause
        parent.maker = None if fork.failed else child.maker
        lead = (
            self._lead(parent, True, int(Reason.BRANCH_FAILED))
            if fork.failed
            else self._into(parent, join, False)
        )
        reason = lead.reason or int(Reason.BRANCH_FAILED if fork.failed else Reason.BRANCHES_JOINED)
        passes = parent.trace.passes[join.number] + (lead.stage is join)
        self._write_event(parent, pack_code(join.joined, _NONE, reason, lead.number), now, passes=passes)
        self._follow(parent, lead, now)

    # -- delivery and after -----------------------------------------------------------------------------------

    def _delivered(self, token: BranchToken) -> None:
        """The output takes effect; if it is wrong, somebody may find out."""
        trace = token.trace
        rule = trace.plan.discovery
        is_found = (
            token.is_wrong
            and rule is not None
            and not trace.is_delivered
            and rule.stream.scalar_event(token.index, rule.probability)
        )
        trace.is_delivered = True
        if not is_found:
            self._over(token)
            return
        assert rule is not None
        ticks = scalar_ticks(rule.delay, token.index, 0, maths.scalar)
        token.goal, token.errands = None, [(ticks, self._found)]
        self._run_errand(token, None)

    def _found(self, token: BranchToken, now: int) -> bool:
        """A client finds a wrong delivery: it is corrected, or the task is opened again."""
        plan = token.trace.plan
        rule, stage = plan.discovery, plan.stages[0]
        assert rule is not None
        self.guards.complaint(now)
        if rule.correct is not None:
            code = pack_code(token.stage.discovered, _NONE, Reason.DISCOVERED, rule.correct.number)
            self._write_event(token, code, now)
            token.stage = rule.correct.stage_plan  # the correction's own rows count the passes of this stage
            self._join(token, rule.correct, now)
            return True
        step, _ = self._entry(token, stage)
        self._write_event(token, pack_code(token.stage.discovered, _NONE, Reason.REOPENED, step.number), now)
        token.is_wrong, token.born, token.context, token.visited = False, -1, 1_000_000_000, []
        self._enter(token, stage, step, now)
        return True

    def _over(self, token: BranchToken) -> None:
        """The task has ended."""
        self._end(token)


def _failing(token: BranchToken) -> str:
    """The end of what comes to nothing: a branch still joins, and what was delivered before has not failed."""
    if token.fork is not None:
        return "join"
    return "give_up" if token.trace.is_delivered else "fail"
