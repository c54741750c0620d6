"""What the commands on contracts print for people; `--json` prints the same facts for machines.

for line in comparison_lines("v1.avsc", "v2.avsc", differences(v1, v2)):
    print(line)
"""

from collections.abc import Iterator, Sequence

from streamlab.contracts.actions import Kind, Prepared, told
from streamlab.contracts.change import Change, Effect
from streamlab.contracts.deployment import Plan
from streamlab.contracts.differences import Comparison
from streamlab.contracts.finding import shown
from streamlab.contracts.validation import Report
from streamlab.registry.compatibility import Level
from streamlab.registry.reasons import Incompatibility


def report_lines(report: Report) -> Iterator[str]:
    """Findings, one a line, then the sum."""
    for finding in report.findings:
        yield str(finding)
    contracts = counted(len(report.contracts), "contract")
    files = counted(report.files, "version")
    if report.ok:
        yield f"{shown(report.folder)}: {contracts} with {files}, and nothing is wrong."
    else:
        yield f"{shown(report.folder)}: {counted(len(report.findings), 'finding')} in {files}."


def comparison_lines(old: str, new: str, comparison: Comparison) -> Iterator[str]:
    """Each change, then what it does to each side; in the end what that means for the two directions."""
    yield f"From {old} to {new}: {counted(len(comparison.changes), 'change')}."
    for change in comparison.changes:
        yield from _change_lines(change)
    if not comparison.changes:
        return
    yield ""
    backward, forward = not comparison.new_reads_old, not comparison.old_reads_new
    yield f"BACKWARD (the new schema reads old data): {'yes' if backward else 'no'}"
    yield f"FORWARD (the old schema reads new data): {'yes' if forward else 'no'}"
    if any(change.kind == "logical-type-changed" for change in comparison.changes):
        yield "A logical type changed: the rules do not compare it, and the values are misread both ways."


def _change_lines(change: Change) -> Iterator[str]:
    yield f"{change.field or '(the schema)'}: {change.what}  [{change.kind}]"
    yield f"    new consumers, old data: {_effect(change.new_consumers)}"
    yield f"    old consumers, new data: {_effect(change.old_consumers)}"
    if change.producers:
        yield f"    producers with the new schema: {change.producers}"


def _effect(effect: Effect) -> str:
    if effect.breaks:
        return f"BREAKS: {effect.why}"
    return f"MISLED: {effect.why}" if effect.misleads else f"fine: {effect.why}"


def check_lines(
    level: Level, new: str, history: Sequence[str], found: Sequence[Incompatibility]
) -> Iterator[str]:
    """The verdict of a level, with the level's definition, for its direction is easily mixed up."""
    yield f"{level}: {level.definition}"
    for one in found:
        against = history[one.against] if one.against is not None else history[-1]
        yield f"{new}: against {against}: {one.message} [{one.type}]"
    compared = history if level.transitive else history[-1:]
    verdict = f"refused, for {counted(len(found), 'reason')}" if found else "allowed"
    whom = "nothing" if level is Level.NONE else ", ".join(compared)
    yield f"{new} is {verdict} (compared with {whom})."


def plan_lines(old: str, new: str, plan: Plan) -> Iterator[str]:
    """The steps with what each proves."""
    yield f"From {old} to {new} under {plan.level}: {plan.order}."
    yield f"{plan.level}: {plan.level.definition}"
    yield f"Adapter: {'needed' if plan.adapter_needed else 'not needed'}."
    for reason in plan.because:
        yield f"    because: {reason}"
    for number, step in enumerate(plan.steps, 1):
        yield f"{number}. {step.who}: {step.do}"
        yield f"   proves: {step.proves}"
    yield from plan.otherwise


def prepared_lines(prepared: Prepared, registry: str) -> Iterator[str]:
    """What the registry has, what is to be done, what stands in the way."""
    yield f"The registry at {registry}:"
    for action in prepared.actions:
        sign = "=" if action.kind is Kind.PRESENT else "+"
        yield f"  {sign} {told(action)}"
    yield from (f"  note: {note}" for note in prepared.notes)
    for refusal in prepared.refusals:
        version = f" v{refusal.version}" if refusal.version is not None else ""
        yield f"  refused by the {refusal.by}: {refusal.subject}{version}: {refusal.message}"


def counted(number: int, noun: str) -> str:
    """A number and its noun: "1 change", "2 changes"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
