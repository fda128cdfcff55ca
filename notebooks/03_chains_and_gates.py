# %% [markdown]
# # 03 Why chains fail, and what gates save
#
# **Question.** Five agents work one after another, and each is right 19 times in 20. That sounds safe. How many letters
# leave with a mistake, and where does one gate help most?

# %%
from math import prod
from pathlib import Path

from IPython.display import Markdown

import analysis
import sim
from analysis.format import interval, share
from analysis.metrics import metric_of

chain = sim.load(
    Path("..") / "scenarios" / "five_agent_chain.yaml",
    {"tasks.prospect.arrivals.rate": "3 / h", "warm_up": "1 day", "horizon": "8 days"},
)
STAGES = list(chain.tasks["prospect"].stages)

# %% [markdown]
# ## The chain as it is
#
# Cascade failure risk (CFR) is the probability that a chain goes wrong somewhere. If stages err independently, it is
# one less the product of what each does right. A gate is whoever stops a mistake between two stages: here an editor
# who approves every output of one of them. `gates` holds the chain without and with one, behind each stage in turn.


# %%
def gate_behind(stage: str) -> sim.Scenario:
    """The chain with an editor who approves every output of one stage."""
    gate = {"approval": {"review": "all", "reviewer": "editor"}}
    return chain.overlaid({"tasks": {"prospect": {"stages": {stage: gate}}}})


gates = {"no gate": chain} | {f"behind {stage}": gate_behind(stage) for stage in STAGES}
places = analysis.compare(gates, replications=10, minimise="cfr_delivered", subject_to=[])

# %%
bare = places.variants["no gate"]
delivered = bare.estimate("cfr_delivered")
right = [chain.workers[stage.agent].success.mean for stage in chain.tasks["prospect"].stages.values()]
Markdown(
    f"By hand, with {' x '.join(map(str, right))} right: **{share(1 - prod(right))}**. Simulated: "
    f"**{share(delivered.value)}** {interval(delivered.low, delivered.high, '%')} of the letters are wrong in the end."
)

# %% [markdown]
# Each stage adds its own defects to those that came in, and nobody takes any away:

# %%
ax = analysis.plot_defect_flow(bare)

# %% [markdown]
# ## One gate, and where it stands
#
# A gate can stop only what is already there. An early one saves the work of the later stages; a late one has seen all.

# %%
ax = analysis.plot_comparison(places, "cfr_delivered")

# %% [markdown]
# The same flow with the best of these gates:

# %%
best = places.decision.winner
ax = analysis.plot_defect_flow(places.variants[best], variant=best)

# %% [markdown]
# ## What does a gate cost, and what does it save?
#
# What a success costs, with the damage of the letters that leave with a mistake.

# %%
ax = analysis.plot_comparison(places, "cpst_with_damage")

# %% [markdown]
# ## Analytic, chain, delivered
#
# Three risks, and the gaps between them are the finding. *Analytic* multiplies what each stage adds to letters that
# came to it clean. *Chain* counts letters with a defect of some agent. *Delivered* counts letters that are wrong in the
# end: what lies between is what gates save. Where a letter that is hard for one agent is hard for all, mistakes meet in
# the same letters, and fewer letters are hit.

# %%
others = {
    "no gate": chain,
    f"gate {best}": gates[best],
    "hard for all": chain.variant("hard letters are hard for all"),
    "the checker sends back": chain.variant("the checker sees half of the mistakes"),
}
risks = analysis.compare(others, replications=10)

# %%
ax = analysis.plot_cfr(risks)

# %% [markdown]
# ## Answer


# %%
def answer() -> str:
    """The risk without a gate, the best place of one, and what it is worth, in words."""
    with_gate = places.variants[best].estimate("cfr_delivered")
    minutes = places.variants[best].estimate("human_minutes_per_task")
    saved = places.difference(best, metric_of("cfr_delivered")).paired
    worth = places.difference(best, metric_of("cpst_with_damage")).paired
    shared = risks.difference("hard for all", metric_of("cfr_chain")).paired
    chance = "" if shared.low > 0 or shared.high < 0 else " (0 is within: it may be chance)"
    return (
        f"Without a gate **{share(delivered.value)}** {interval(delivered.low, delivered.high, '%')} of the letters "
        f"leave with a mistake. The best place for one gate is **{best}**: "
        f"**{share(with_gate.value)}** {interval(with_gate.low, with_gate.high, '%')}. It takes "
        f"{minutes.value:.1f} minutes of an editor per letter, and changes what a success costs, damage included, by "
        f"{chain.currency} {worth.value:+.2f} {interval(worth.low, worth.high)}.\n\n"
        f"Without a gate, hard letters that are hard for all change the risk by {100 * shared.value:+.1f} "
        f"{interval(100 * shared.low, 100 * shared.high)} points{chance}; the gate "
        f"changes it by {100 * saved.value:+.1f} {interval(100 * saved.low, 100 * saved.high)}."
    )


Markdown(answer())

# %% [markdown]
# ## Now yours
#
# - Write your own stages under `tasks.<type>.stages`, in sequence, by probability, by outcome or side by side: see
#   `docs/workflows.md`.
# - Other gates: a `validator` (a second model), `verification` (a look at the ground truth after the action), or
#   `detect_upstream` (the next agent notices).
# - What is a mistake worth? Change `damage_if_wrong` and see when the gate stops paying, with `analysis.breakeven`.
