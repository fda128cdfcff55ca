"""The `workforce` command: one file per group of verbs, each loaded when it is used."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from analysis.cli.group import Group
from analysis.cli.interruption import is_interruption, watching_for_ctrl_c
from analysis.cli.outcome import Exit, flush_output, report_failure

VERBS = {
    "init": "analysis.cli.scenario_verbs:init",
    "validate": "analysis.cli.scenario_verbs:validate",
    "explain": "analysis.cli.scenario_verbs:explain",
    "run": "analysis.cli.run_verb:run",
    "compare": "analysis.cli.compare_verb:compare",
    "sweep": "analysis.cli.sweep_verb:sweep",
    "sensitivity": "analysis.cli.sensitivity_verb:sensitivity",
    "breakeven": "analysis.cli.breakeven_verb:breakeven",
    "solve": "analysis.cli.solve_verb:solve",
    "runs": "analysis.cli.runs_verb:runs",
    "trace": "analysis.cli.folder_verbs:trace",
    "export": "analysis.cli.export_verb:export",
    "report": "analysis.cli.report_verb:report",
    "replay": "analysis.cli.folder_verbs:replay",
    "schema": "analysis.cli.scenario_verbs:schema",
}
"""Where each verb is, in the order in which help lists them."""

workforce = Group(
    "workforce",
    verbs=VERBS,
    package="hybrid-workforce-simulator",
    help="Simulate people and AI agents at work on the same queue, before you put them to work.",
    epilog="Exit codes: 0 ok, 1 a gate was met or some replications failed, 2 usage or an invalid scenario, "
    "3 a limit, a file or an internal failure, 4 a replay that differs, 130 interrupted.",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
"""The command with all its verbs."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command and exits with its code; `arguments` are those of the process unless given."""
    typed = sys.argv[1:] if arguments is None else list(arguments)
    with watching_for_ctrl_c():
        try:
            code = workforce.main(typed, prog_name="workforce", standalone_mode=False)
        except SystemExit:  # click's way when the reader of a pipe (`| head`) has gone, which is no fault
            code = Exit.OK
        except BaseException as error:
            code = report_failure(error, "--debug" in typed, is_interruption(error))
    sys.exit(flush_output(int(code or Exit.OK)))
